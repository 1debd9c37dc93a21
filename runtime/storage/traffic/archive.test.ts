import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle, run } from '../testing/processes.ts'
import { openTrafficArchive, type TrafficArchive } from './archive.ts'
import { storedExchange } from './testing/exchanges.ts'
import { TrafficStore } from './traffic-store.ts'

let folder: string
let workerFile: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atek-archive-'))
  workerFile = await bundle('plain-thread.ts', folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const query = { node: null, scope: null, appKey: null, before: null, after: 0, limit: 10, budget: 1000 }

async function open(file: string, thread: string | null = workerFile) {
  const failures: unknown[] = []
  const opened = await openTrafficArchive(join(folder, file), {
    workerFile: thread,
    read: (batch) => JSON.parse(String(batch)),
    now: () => performance.now(),
    failed: (error) => failures.push(error),
  })
  return { ...opened, failures }
}

async function works(archive: TrafficArchive): Promise<void> {
  const batch = [storedExchange({ seq: 5, path: '/a' }), storedExchange({ seq: 6, path: '/b' })]
  await archive.call('insert', JSON.stringify(batch))
  expect((await archive.call('search', query)).rows.map((row) => row.path)).toEqual(['/b', '/a'])
  expect(await archive.call('counts')).toMatchObject({ rows: 2 })
  const durations = Uint8Array.from([1, 2, 200])
  await archive.call('setHours', [{ hour: 0, appKey: 'k', appId: 'notes', requests: 3, errors: 1, durations }], [])
  const { apps } = await archive.call('hours', 0)
  expect(apps).toMatchObject([{ appKey: 'k', requests: 3 }])
  expect([...(apps[0]?.durations ?? [])]).toEqual([...durations])
  await archive.close()
}

test('in a thread of its own', async () => {
  const { archive, failures, lastSeq } = await open('thread.db')
  expect([failures, lastSeq]).toEqual([[], 0])
  await works(archive)
  const again = await open('thread.db')
  expect(again.lastSeq).toBe(6)
  await again.archive.close()
  await expect(again.archive.call('counts')).rejects.toThrow(/has ended/)
})

test('in the host’s thread, the same', async () => {
  await works((await open('own.db', null)).archive)
})

test('where there is no such thread, in the host’s own, and it is said', async () => {
  const { archive, failures } = await open('without.db', join(folder, 'nothing.js'))
  expect(failures).toHaveLength(1)
  await works(archive)
})

test('errors come back as what they are', async () => {
  const { archive } = await open('errors.db')
  await expect(archive.call('insert', '[{}]')).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(await archive.call('counts')).toMatchObject({ rows: 0 })
  await archive.close()
})

test('kill -9 while rows are written: every batch that was answered is there, whole', async () => {
  const file = join(folder, 'killed.db')
  const script = await bundle('traffic-writer.ts', join(folder))
  for (const lines of [1, 3, 20]) {
    const writer = run(script, [file, workerFile])
    await writer.hasLines(lines)
    await writer.kill()
    const reported = Number(writer.lines().at(-1))
    const store = new TrafficStore(file, () => 0)
    expect(store.setAside).toBeNull()
    const { rows } = store.counts()
    // One more may be: committed, and killed before it could say so.
    expect([reported, reported + 100]).toContain(rows)
    expect(store.lastSeq()).toBe(rows)
    store.close()
  }
})
