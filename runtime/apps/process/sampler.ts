import { execa } from 'execa'
import { LIMITS } from '../../contract/limits.ts'
import type { Clock } from '../../core/clock.ts'
import type { Disposable } from '../../core/disposable.ts'
import { memoryOf, processIds, timesOf } from './proc-fs.ts'

export interface GroupUsage {
  /** Resident memory of all the group's processes, in bytes. */
  memoryBytes: number
  /** Of one processor; above 100 when it uses several. Null until there are two readings. */
  cpuPercent: number | null
}

/** Per process group: usage now. Told of the groups that are wanted. */
export type ReadUsage = (groups: ReadonlySet<number>) => Promise<Map<number, GroupUsage>>

/**
 * Reads memory and CPU of all running apps at once, every 2 s, and only while there are any: looking over all
 * processes costs the same for one app as for fifty.
 */
export class Sampler {
  readonly #clock: Clock
  readonly #read: ReadUsage
  readonly #sampled: (group: number) => void
  readonly #groups = new Set<number>()
  readonly #usage = new Map<number, GroupUsage>()
  #timer: Disposable | null = null
  #reading = false

  constructor(deps: { clock: Clock; read?: ReadUsage; sampled(group: number): void }) {
    this.#clock = deps.clock
    this.#read = deps.read ?? usageReader(deps.clock)
    this.#sampled = deps.sampled
  }

  add(group: number): void {
    this.#groups.add(group)
    this.#timer ??= this.#clock.every(LIMITS.sampleEvery, () => void this.sample())
    void this.sample()
  }

  remove(group: number): void {
    this.#groups.delete(group)
    this.#usage.delete(group)
    if (this.#groups.size > 0) return
    this.#timer?.dispose()
    this.#timer = null
  }

  get(group: number): GroupUsage | null {
    return this.#usage.get(group) ?? null
  }

  async sample(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    try {
      const read = await this.#read(this.#groups)
      for (const [group, usage] of read) {
        if (!this.#groups.has(group)) continue
        const before = this.#usage.get(group)
        this.#usage.set(group, usage)
        if (before === undefined || differs(before, usage)) this.#sampled(group)
      }
    } catch {
      // No figures this time; the panel goes on showing the last ones.
    } finally {
      this.#reading = false
    }
  }
}

/** Whether one would see the difference: 1 % of memory, half a percent of a processor. */
function differs(a: GroupUsage, b: GroupUsage): boolean {
  return (
    Math.abs(a.memoryBytes - b.memoryBytes) > a.memoryBytes / 100 ||
    (a.cpuPercent === null) !== (b.cpuPercent === null) ||
    Math.abs((a.cpuPercent ?? 0) - (b.cpuPercent ?? 0)) >= 0.5
  )
}

function usageReader(clock: Clock): ReadUsage {
  if (process.platform === 'linux') return linuxReader(clock)
  if (process.platform === 'win32') return async () => new Map()
  return async () => {
    const { stdout } = await execa('ps', ['-A', '-o', 'pgid=,rss=,pcpu='])
    return parsePs(stdout)
  }
}

/** `ps -o pgid=,rss=,pcpu=`: rss in kB. Summed by group. */
export function parsePs(text: string): Map<number, GroupUsage> {
  const usage = new Map<number, GroupUsage>()
  for (const line of text.split('\n')) {
    const [group, kilobytes, cpu] = line.trim().split(/\s+/).map(Number)
    if (group === undefined || kilobytes === undefined || cpu === undefined || Number.isNaN(group + kilobytes + cpu))
      continue
    const sum = usage.get(group) ?? { memoryBytes: 0, cpuPercent: 0 }
    usage.set(group, { memoryBytes: sum.memoryBytes + kilobytes * 1024, cpuPercent: (sum.cpuPercent ?? 0) + cpu })
  }
  return usage
}

function linuxReader(clock: Clock): ReadUsage {
  let last = new Map<number, number>()
  let lastAt: number | null = null
  return async (groups) => {
    const at = clock.monotonic()
    const ticks = new Map<number, number>()
    const usage = new Map<number, GroupUsage>()
    for (const pid of await processIds()) {
      const times = await timesOf(pid)
      if (times === null || !groups.has(times.group)) continue
      ticks.set(pid, times.ticks)
      const sum = usage.get(times.group) ?? { memoryBytes: 0, cpuPercent: null }
      const memoryBytes = sum.memoryBytes + ((await memoryOf(pid)) ?? 0)
      const before = last.get(pid)
      // A tick is 10 ms: so many percent of a processor is 100 * 10 * ticks / ms.
      const cpu =
        before === undefined || lastAt === null || at <= lastAt ? null : ((times.ticks - before) * 1000) / (at - lastAt)
      usage.set(times.group, { memoryBytes, cpuPercent: cpu === null ? sum.cpuPercent : (sum.cpuPercent ?? 0) + cpu })
    }
    last = ticks
    lastAt = at
    return usage
  }
}
