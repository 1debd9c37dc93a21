import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import { until } from '../testing/open-apps.ts'
import { parseStat } from './proc-fs.ts'
import { type GroupUsage, parsePs, Sampler } from './sampler.ts'

test('looks every two seconds, for all groups at once, and only while there are any', async () => {
  const clock = new ManualClock()
  let looks = 0
  let memoryBytes = 1000
  const told: number[] = []
  const sampler = new Sampler({
    clock,
    sampled: (group) => told.push(group),
    read: async (groups) => {
      looks++
      return new Map([...groups, 99].map((group): [number, GroupUsage] => [group, { memoryBytes, cpuPercent: 1 }]))
    },
  })
  clock.advance(10_000)
  expect(looks).toBe(0)
  sampler.add(1)
  await until(() => sampler.get(1) !== null)
  expect(told).toEqual([1])
  clock.advance(2000)
  await until(() => looks === 2)
  memoryBytes = 2000
  clock.advance(2000)
  await until(() => told.length === 2)
  expect(sampler.get(1)).toEqual({ memoryBytes: 2000, cpuPercent: 1 })
  expect(sampler.get(99)).toBeNull()
  sampler.remove(1)
  expect(sampler.get(1)).toBeNull()
  clock.advance(10_000)
  expect(looks).toBe(3)
})

test.runIf(process.platform === 'linux')('reads a real group: memory, and a busy processor', async () => {
  const busy = spawn(process.execPath, ['-e', 'for (;;);'], { detached: true, stdio: 'ignore' })
  const group = busy.pid ?? 0
  const sampler = new Sampler({ clock: systemClock, sampled: () => {} })
  try {
    sampler.add(group)
    await until(async () => {
      await sampler.sample()
      return (sampler.get(group)?.cpuPercent ?? 0) > 20
    })
    expect(sampler.get(group)?.memoryBytes).toBeGreaterThan(10 * 1024 * 1024)
  } finally {
    sampler.remove(group)
    busy.kill('SIGKILL')
  }
})

test('parses what the systems say', () => {
  expect(parsePs('  12  1024  1.5\n   12   512   0.5\n 7 10 0.0\n\n')).toEqual(
    new Map([
      [12, { memoryBytes: 1536 * 1024, cpuPercent: 2 }],
      [7, { memoryBytes: 10240, cpuPercent: 0 }],
    ]),
  )
  const stat = '123 (a) b) (c) S 1 77 123 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 1 0 5 6 7'
  expect(parseStat(stat)).toEqual({ group: 77, ticks: 300 })
  expect(parseStat('nonsense')).toBeNull()
})
