import { expect, test } from 'vitest'
import { requestPhases } from './request-phases.ts'

test('a request that was passed on is checked, waited for, answered', () => {
  expect(requestPhases({ callerMs: null, forwardedMs: 1, headMs: 5, endMs: 9 })).toEqual([
    { label: 'Checked by Atek', from: 0, to: 1 },
    { label: 'Waiting for the app', from: 1, to: 5 },
    { label: 'Answer', from: 5, to: 9 },
  ])
})

test('one that was refused has one phase, and one that goes on has an open end', () => {
  expect(requestPhases({ callerMs: null, forwardedMs: null, headMs: null, endMs: 2 })).toEqual([
    { label: 'Checked and answered', from: 0, to: 2 },
  ])
  expect(requestPhases({ callerMs: null, forwardedMs: 1, headMs: null, endMs: null }).at(-1)).toEqual({
    label: 'Waiting for the app',
    from: 1,
    to: null,
  })
})
