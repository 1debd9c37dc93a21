import { expect, test } from 'vitest'
import { playwrightCounts, STAGES, vitestCounts } from './stages.mjs'

test('a test file that cannot be loaded counts as a failure', () => {
  const file = (status: string, assertions: number) => ({ status, assertionResults: Array(assertions).fill({}) })
  const report = {
    numPassedTests: 5,
    numFailedTests: 1,
    testResults: [file('failed', 2), file('failed', 0), file('passed', 4)],
  }
  expect(vitestCounts(report)).toEqual({ passed: 5, failed: 2 })
})

test('a tool that left no report counts as a failure', () => {
  expect(vitestCounts(null)).toEqual({ passed: 0, failed: 1 })
  expect(playwrightCounts(null)).toEqual({ passed: 0, failed: 1 })
})

test('a flaky end to end test counts as a failure', () => {
  expect(playwrightCounts({ stats: { expected: 3, unexpected: 1, flaky: 1 } })).toEqual({ passed: 3, failed: 2 })
})

test('what runs the product runs after the build', () => {
  const order = STAGES.map(({ name }) => name)
  for (const stage of STAGES)
    if (stage.needsBuild) expect(order.indexOf(stage.name)).toBeGreaterThan(order.indexOf('build'))
})
