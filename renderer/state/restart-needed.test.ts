import { expect, test } from 'vitest'
import { noteConfigChange, restartNeededStore, runsOldConfig } from './restart-needed.ts'

const process = { pid: 1, startedAt: 1000, memoryBytes: null, cpuPercent: null }
const needed = (of: typeof process | null) => runsOldConfig(restartNeededStore.get(), 'a', of)

test('a process that was there at the change has the old configuration; the next one has the new', () => {
  noteConfigChange('a', process)
  expect(needed(process)).toBe(true)
  expect(needed({ ...process, memoryBytes: null, startedAt: 2000 })).toBe(false)
  expect(needed(null)).toBe(false)
})

test('a change while nothing runs needs no restart', () => {
  noteConfigChange('a', process)
  noteConfigChange('a', null)
  expect(needed(process)).toBe(false)
})
