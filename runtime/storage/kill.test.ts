import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { ManualClock } from '../testing/manual-clock.ts'
import { lockConfigFolder } from './lock.ts'
import { openStorage } from './open.ts'
import { bundle, type Running, run } from './testing/processes.ts'

let folder: string
const running: Running[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atek-kill-'))
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.kill()))
  rmSync(folder, { recursive: true, force: true })
})

function start(script: string, args: string[]): Running {
  const started = run(script, args)
  running.push(started)
  return started
}

test('kill -9 during writes: nothing committed is lost, no half change, and it opens clean', async () => {
  const script = await bundle('writer.ts', folder)
  const file = join(folder, 'atek.db')
  let before = 0
  for (const lines of [1, 10, 40, 100, 400]) {
    const writer = start(script, [file])
    await writer.hasLines(lines)
    await writer.kill()
    const reported = Number(writer.lines().at(-1))
    expect(reported).toBeGreaterThan(before)

    const storage = openStorage(file, { clock: new ManualClock() })
    const stored = storage.settings.get('n', z.number()) ?? 0
    // What was reported is there. One more may be: committed, and killed before it could say so.
    expect(stored).toBeGreaterThanOrEqual(reported)
    expect(storage.audit.count()).toBe(stored)
    expect(storage.audit.list({ limit: 1 })[0]?.details).toEqual({ n: stored })
    storage.close()
    const db = new Database(file, { readonly: true })
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    db.close()
    before = stored
  }
})

test('kill -9 while the database is being made: the next start makes it', async () => {
  const script = await bundle('writer.ts', folder)
  for (let moment = 1; moment <= 12; moment++) {
    const home = join(folder, `home-${moment}`)
    mkdirSync(home)
    // Killed at the first change in the folder, at the second, and so on: each another step of the making.
    const watcher = watch(home)
    const reached = new Promise<void>((resolve) => {
      let changes = 0
      watcher.on('change', () => ++changes === moment && resolve())
    })
    const writer = start(script, [join(home, 'atek.db')])
    await reached
    await writer.kill()
    watcher.close()
    const storage = openStorage(join(home, 'atek.db'), { clock: new ManualClock() })
    expect(storage.audit.count()).toBeGreaterThanOrEqual(writer.lines().length)
    storage.close()
  }
})

const alreadyRunning = expect.objectContaining({ code: 'ALREADY_RUNNING' })

test('one host a config folder; a killed one stands in nobody’s way', async () => {
  const script = await bundle('holder.ts', folder)
  const file = join(folder, 'host.lock')
  const holder = start(script, [file])
  await holder.hasLines(1)
  expect(() => lockConfigFolder(file)).toThrow(alreadyRunning)
  await holder.kill()
  lockConfigFolder(file).dispose()
})

test('the lock holds within one process, too, until it is let go', () => {
  const file = join(folder, 'host.lock')
  const lock = lockConfigFolder(file)
  expect(() => lockConfigFolder(file)).toThrow(alreadyRunning)
  lock.dispose()
  lock.dispose()
  lockConfigFolder(file).dispose()
})

test('a lock file with rubbish in it is no obstacle', () => {
  const file = join(folder, 'host.lock')
  writeFileSync(file, 'rubbish '.repeat(1000))
  lockConfigFolder(file).dispose()
  expect(readFileSync(file).length).toBe(0)
})

test.runIf(process.platform !== 'win32')('nobody else can take the lock: its file is for this user alone', () => {
  const file = join(folder, 'host.lock')
  const lock = lockConfigFolder(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  lock.dispose()
})
