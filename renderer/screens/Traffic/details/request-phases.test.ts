import { expect, test } from 'vitest'
import { requestPhases } from './request-phases.ts'

const shape = (timing: Parameters<typeof requestPhases>[0]) =>
  requestPhases(timing).map(({ label, from, to }) => [label, from, to])

test('a request that was passed on: sign-in, queue, app, transfer', () => {
  expect(shape({ callerMs: 1, forwardedMs: 2, headMs: 5, endMs: 9 })).toEqual([
    ['Sign-in', 0, 1],
    ['Queue', 1, 2],
    ['App', 2, 5],
    ['Transfer', 5, 9],
  ])
})

test('without a caller there is no sign-in', () => {
  expect(shape({ callerMs: null, forwardedMs: 2, headMs: null, endMs: 9 })).toEqual([
    ['Queue', 0, 2],
    ['App', 2, 9],
  ])
})

test('one that was refused ends with Atek, and one that goes on has an open end', () => {
  expect(shape({ callerMs: null, forwardedMs: null, headMs: null, endMs: 2 })).toEqual([['Atek', 0, 2]])
  expect(shape({ callerMs: 1, forwardedMs: null, headMs: null, endMs: 2 })).toEqual([
    ['Sign-in', 0, 1],
    ['Atek', 1, 2],
  ])
  expect(shape({ callerMs: 1, forwardedMs: 2, headMs: null, endMs: null }).at(-1)).toEqual(['App', 2, null])
})
