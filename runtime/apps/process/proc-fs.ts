import { close, open, read } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { delay, systemClock } from '../../core/clock.ts'
import { keepAlive } from './keep-alive.ts'

/** Linux's /proc, as far as we need it. https://man7.org/linux/man-pages/man5/proc.5.html */

export async function processIds(): Promise<number[]> {
  return (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid) && pid > 0)
}

const EXEC_LOOKS = 25
const EXEC_PAUSE = 4

/**
 * `NAME=value` entries of the environment that a process was started with; empty when it is not ours to read. In the
 * middle of an exec a process has an address space and no environment yet: overlooked then, it would outlive its app
 * (A45), so it is looked at again, for a tenth of a second at most, since a few really have none.
 */
export async function environmentOf(pid: number): Promise<string[]> {
  for (let look = 1; ; look++) {
    const text = await readText(`/proc/${pid}/environ`)
    if (text === null) return []
    if (text !== '' || look === EXEC_LOOKS || !(await hasAddressSpace(pid))) return text.split('\0')
    await keepAlive(() => delay(systemClock, EXEC_PAUSE))
  }
}

/** Neither a thread of the kernel nor dead and unreaped. */
async function hasAddressSpace(pid: number): Promise<boolean> {
  const text = await readText(`/proc/${pid}/statm`)
  return text !== null && !text.startsWith('0 ')
}

export interface ProcessTimes {
  group: number
  /** User and system time, in clock ticks of 10 ms. */
  ticks: number
}

/** Parses /proc/<pid>/stat. The command's name stands in parentheses and may itself hold blanks and parentheses. */
export function parseStat(text: string): ProcessTimes | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [group, user, system] = [fields[2], fields[11], fields[12]].map(Number)
  if (group === undefined || user === undefined || system === undefined || Number.isNaN(group + user + system))
    return null
  return { group, ticks: user + system }
}

export async function timesOf(pid: number): Promise<ProcessTimes | null> {
  const text = await readShort(`/proc/${pid}/stat`)
  return text === null ? null : parseStat(text)
}

/** Resident memory in bytes; null when the process is gone. */
export async function memoryOf(pid: number): Promise<number | null> {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec((await readShort(`/proc/${pid}/status`)) ?? '')?.[1]
  return kilobytes === undefined ? null : Number(kilobytes) * 1024
}

const SHORT_BYTES = 4096
const [opened, readInto, closed] = [promisify(open), promisify(read), promisify(close)]

/**
 * A file of a few hundred bytes. Of a file that tells no size, `readFile` expects 64 kB: every two seconds that, for each
 * process of the computer, was most of the memory that an idle host used up, and had collected.
 */
async function readShort(path: string): Promise<string | null> {
  try {
    const file = await opened(path, 'r')
    try {
      const { bytesRead, buffer } = await readInto(file, Buffer.allocUnsafe(SHORT_BYTES), 0, SHORT_BYTES, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await closed(file)
    }
  } catch {
    return null
  }
}

/** Processes end while they are looked at, and some are not ours: both are "nothing to see". */
function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}
