import { expect, test } from 'vitest'
import type { TrafficDetails } from '../../../../runtime/contract/models.ts'
import { trafficRow } from '../../../testing/rows.ts'
import { differences } from './differences.ts'

const details = (part: Partial<TrafficDetails>): TrafficDetails => ({
  ...trafficRow({ seq: 1 }),
  reason: null,
  authHeaders: [],
  requestHeaders: [],
  responseHeaders: [],
  headerLines: [],
  answerHeaderLines: [],
  timing: { callerMs: 1, forwardedMs: 2, headMs: 3, endMs: 5 },
  bodies: { request: false, response: false },
  frames: [],
  frameCounts: null,
  inMemory: true,
  ...part,
})

test('a request and itself: nothing differs', () => {
  const one = details({ requestHeaders: [['Accept', '*/*']] })
  expect(differences(one, one).every(({ same }) => same)).toBe(true)
})

test('what differs, by name, whatever the case and order', () => {
  const a = details({
    requestHeaders: [
      ['Accept', 'a'],
      ['X-A', '1'],
      ['X-A', '2'],
    ],
    status: 200,
  })
  const b = details({
    requestHeaders: [
      ['x-a', '1'],
      ['x-a', '3'],
      ['accept', 'a'],
      ['x-b', 'new'],
    ],
    status: 404,
  })
  expect(differences(a, b).filter(({ same }) => !same)).toEqual([
    { group: 'Request', name: 'Status', a: '200', b: '404', same: false },
    { group: 'Sent by the caller', name: 'x-a', a: '1\n2', b: '1\n3', same: false },
    { group: 'Sent by the caller', name: 'x-b', a: null, b: 'new', same: false },
  ])
})
