import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { filterTest } from '../../contract/filter/evaluate.ts'
import { anyNode, anyRow } from '../../contract/filter/testing/arbitrary.ts'
import type { TrafficRow } from '../../contract/models.ts'
import { headerSet } from './filter-sql.ts'
import { storedExchange } from './testing/exchanges.ts'
import type { TrafficQuery } from './traffic-search.ts'
import { TrafficStore } from './traffic-store.ts'

let folder: string
let file: string
const stores: TrafficStore[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atek-traffic-'))
  file = join(folder, 'traffic.db')
})
afterEach(() => {
  for (const store of stores.splice(0)) store.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(now: () => number = () => 0): TrafficStore {
  const store = new TrafficStore(file, now)
  stores.push(store)
  return store
}

function query(part: Partial<TrafficQuery> = {}): TrafficQuery {
  return { node: null, scope: null, appKey: null, before: null, after: 0, limit: 1000, budget: 1000, ...part }
}

function seqs(store: TrafficStore, part: Partial<TrafficQuery> = {}): number[] {
  return store.search(query(part)).rows.map((row) => row.seq)
}

test('a row comes back as it was stored, with its details', () => {
  const store = open()
  const exchange = storedExchange({
    seq: 7,
    kind: 'gateway',
    caller: { userKey: 'u', username: null, serviceKey: 's', serviceId: 'notes' },
    status: null,
    state: 'aborted',
    durationMs: 1.25,
    refused: 'FORBIDDEN',
    rpcApi: 'atek.cloud/users-api',
    rpcMethod: 'list',
    cause: { seq: 3, sure: false },
    replayOf: 2,
  })
  store.insert([exchange])
  expect(store.get(7)).toEqual({ row: exchange.row, details: JSON.parse(exchange.details) })
  expect(store.get(8)).toBeNull()
  expect(store.lastSeq()).toBe(7)
  expect(store.causedBy([3], 10)).toEqual([exchange.row])
})

test('what a filter means in SQL is what it means elsewhere', () => {
  const store = open()
  // HTTP has no such characters in what is recorded, and SQLite's texts end at the one and do not know the other.
  const sane = (value: unknown) => {
    const text = JSON.stringify(value)
    return !text.includes('\\u0000') && !/\\ud[89a-f]/i.test(text)
  }
  fc.assert(
    fc.property(
      fc.array(anyRow().filter(sane), { minLength: 1, maxLength: 12 }),
      anyNode().filter(sane),
      (rows, node) => {
        store.clear()
        // What is stored is over.
        const ended = rows.map((row) => ({ ...row, state: row.state === 'open' ? 'done' : row.state }))
        store.insert(
          ended.map(({ headers, ...row }, index) => ({
            ...storedExchange({ ...(row as Partial<TrafficRow>), seq: index + 1 }),
            headers: headerSet(headers ?? []),
          })),
        )
        const test = filterTest(node)
        const expected = ended.flatMap((row, index) => (test(row) ? [index + 1] : [])).reverse()
        expect(seqs(store, { node })).toEqual(expected)
        // Its negation is everything else, also where something is not there.
        expect(seqs(store, { node: { type: 'not', part: node } })).toHaveLength(rows.length - expected.length)
      },
    ),
    { numRuns: 300 },
  )
}, 60_000)

describe('pages', () => {
  test('go back from the newest row, each row once', () => {
    const store = open()
    store.insert(Array.from({ length: 10 }, (_, i) => storedExchange({ seq: i + 1, status: i % 2 === 0 ? 200 : 404 })))
    const node = { type: 'number', field: 'status', operator: '=', value: 404 } as const
    const first = store.search(query({ node, limit: 2 }))
    expect(first.rows.map((row) => row.seq)).toEqual([10, 8])
    expect(first).toMatchObject({ next: 8, matched: 5, exact: true })
    const second = store.search(query({ node, limit: 2, before: first.next }))
    expect(second.rows.map((row) => row.seq)).toEqual([6, 4])
    expect(store.search(query({ node, limit: 2, before: second.next }))).toMatchObject({
      rows: [{ seq: 2 }],
      next: null,
    })
    expect(seqs(store, { after: 7 })).toEqual([10, 9, 8])
  })

  test('a search whose time is over says how far it looked', () => {
    let time = 0
    const store = open(() => time++)
    store.insert(
      Array.from({ length: 50_000 }, (_, i) => storedExchange({ seq: i + 1, path: i === 5 ? '/rare' : '/' })),
    )
    const node = { type: 'text', field: 'path', exact: false, value: 'rare' } as const
    const page = store.search(query({ node, budget: 1 }))
    expect(page).toMatchObject({ rows: [], exact: false })
    expect(page.next).toBeGreaterThan(1)
    expect(store.search(query({ node, budget: 1, before: 20_000 }))).toMatchObject({ rows: [{ seq: 6 }], next: null })
  })

  test('a scope holds whatever the filter says', () => {
    const store = open()
    const caller = (userKey: string) => ({ userKey, username: userKey, serviceKey: null, serviceId: null })
    store.insert([
      storedExchange({ seq: 1, appKey: 'shared', caller: caller('alice') }),
      storedExchange({ seq: 2, appKey: 'shared', caller: caller('bob') }),
      storedExchange({ seq: 3, appKey: 'bobs', caller: caller('alice') }),
      storedExchange({ seq: 4, appKey: null, caller: null }),
    ])
    const scope = { userKey: 'bob', appKeys: ['bobs'] }
    expect(seqs(store, { scope })).toEqual([3, 2])
    const node = {
      type: 'or',
      parts: [
        { type: 'word', text: 'alice' },
        { type: 'word', text: '/' },
      ],
    } as const
    expect(seqs(store, { scope, node: { ...node, parts: [...node.parts] } })).toEqual([3, 2])
    expect(seqs(store, { scope: { userKey: 'nobody', appKeys: [] } })).toEqual([])
    expect(seqs(store, { appKey: 'shared' })).toEqual([2, 1])
  })
})

describe('C44: what is stored goes again', () => {
  const all = { before: 0, rows: 1e9, bytes: 1e12, hoursBefore: 0 }
  const fill = (store: TrafficStore, count: number) =>
    store.insert(Array.from({ length: count }, (_, i) => storedExchange({ seq: i + 1, at: i + 1, path: `/${i}` })))

  test('by age, in slices', () => {
    const store = open()
    fill(store, 5000)
    expect(store.purge({ ...all, before: 4501 })).toBe(true)
    expect(store.counts()).toMatchObject({ rows: 3000, oldestAt: 2001 })
    while (store.purge({ ...all, before: 4501 })) expect(store.counts().rows).toBeGreaterThanOrEqual(500)
    expect(store.counts()).toMatchObject({ rows: 500, oldestAt: 4501 })
    expect(store.get(4500)).toBeNull()
  })

  test('by number and by size, the oldest first, and the disk gets its room back', () => {
    const store = open()
    fill(store, 20_000)
    while (store.purge({ ...all, rows: 15_000 })) expect(store.counts().rows).toBeGreaterThanOrEqual(15_000)
    expect(store.counts()).toMatchObject({ rows: 15_000, oldestAt: 5001 })
    const { bytes } = store.counts()
    while (store.purge({ ...all, bytes: bytes / 3 })) expect(store.counts().rows).toBeLessThan(15_000)
    expect(store.counts().bytes).toBeLessThan(bytes / 2)
    expect(seqs(store, { limit: 1 })).toEqual([20_000])
    store.close()
    expect(statSync(file).size).toBeLessThan(bytes)
  })

  test('names go with the last row that has them, and are known again when they come again', () => {
    const store = open()
    store.insert([storedExchange({ seq: 1, appId: 'old' }), storedExchange({ seq: 2, appId: 'kept' })])
    store.insert([storedExchange({ seq: 3, appId: 'kept' })])
    while (store.purge({ ...all, rows: 1 })) expect(store.counts().rows).toBeGreaterThan(0)
    expect(store.get(3)?.row.appId).toBe('kept')
    store.insert([storedExchange({ seq: 4, appId: 'old' }), storedExchange({ seq: 5, appId: 'new' })])
    expect(store.search(query()).rows.map((row) => row.appId)).toEqual(['new', 'old', 'kept'])
  })

  test('what a user called goes with the user', () => {
    const store = open()
    const caller = (userKey: string) => ({ userKey, username: userKey, serviceKey: null, serviceId: null })
    store.insert(
      Array.from({ length: 5000 }, (_, i) =>
        storedExchange({ seq: i + 1, caller: caller(i < 4500 ? 'gone' : 'here') }),
      ),
    )
    expect(store.users().sort()).toEqual(['gone', 'here'])
    expect(store.forgetUser('gone')).toBe(true)
    while (store.forgetUser('gone')) expect(store.counts().rows).toBeGreaterThanOrEqual(500)
    expect(store.counts().rows).toBe(500)
    expect(store.forgetUser('nobody')).toBe(false)
    expect(store.users()).toEqual(['here'])
  })

  test('clearing leaves nothing on the disk', () => {
    const store = open()
    store.insert([storedExchange({ seq: 1, path: '/find-me-on-the-disk' })])
    store.clear()
    store.insert([storedExchange({ seq: 2 })])
    expect(seqs(store)).toEqual([2])
    store.close()
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name)).includes('find-me-on-the-disk')).toBe(false)
    }
  })
})

describe('a file that cannot be used is set aside, and recording goes on', () => {
  test.each([
    ['rubbish', () => writeFileSync(file, 'rubbish '.repeat(10_000))],
    ['empty', () => writeFileSync(file, '')],
    ['another database', () => new TrafficStore(join(folder, 'other.db'), () => 0).close()],
  ])('%s', (_what, damage) => {
    damage()
    const store = open()
    store.insert([storedExchange({ seq: 1 })])
    expect(seqs(store)).toEqual([1])
  })

  test('it is kept, and said', () => {
    writeFileSync(file, 'rubbish '.repeat(10_000))
    const store = open()
    expect(store.setAside).toMatch(/could not be used .* It is kept as .*traffic\.db\.damaged/)
    expect(readFileSync(`${file}.damaged`, 'utf8')).toMatch(/^rubbish /)
    store.close()
    expect(open().setAside).toBeNull()
  })

  test('also when it turns out later', () => {
    const first = open()
    first.insert(Array.from({ length: 5000 }, (_, i) => storedExchange({ seq: i + 1, path: `/${i}` })))
    first.close()
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0xff, 64 * 1024))
    const store = open()
    const node = { type: 'text', field: 'path', exact: false, value: 'nowhere' } as const
    expect(() => store.search(query({ node }))).toThrow(expect.objectContaining({ code: 'DATABASE_DAMAGED' }))
    store.insert([storedExchange({ seq: 9000 })])
    expect(seqs(store, { node: null })).toEqual([9000])
  })

  test.runIf(process.platform !== 'win32')('nobody else may read it', () => {
    open()
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})
