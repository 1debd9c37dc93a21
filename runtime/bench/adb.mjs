/**
 * What a list of 100 records costs in the document store, by the size of the table: `node runtime/bench/adb.mjs`. The
 * time is that of `recordList` of `atek.cloud/adb-api` with its checks, on a real database file, and of its answer as
 * JSON. Lists begin all over the table, forwards and backwards; sizes take turns as the table grows.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runnerImport } from 'vite'
import { shown, spread } from './spread.mjs'

const SIZES = [1_000, 10_000, 100_000]
const ROUNDS = 200
const TABLE = ['example.com', 'table']

const project = resolve(import.meta.dirname, '../..')
const parts = join(project, 'runtime/bench/adb-parts.ts')
/** @type {{ module: typeof import('./adb-parts.ts') }} */
const { module } = await runnerImport(parts, { root: project, configFile: false })
const { AuditLog, adbApi, openStorage, systemClock, systemRandom } = module

const folder = await mkdtemp(join(tmpdir(), 'atek-adb-'))
const storage = openStorage(join(folder, 'atek.db'), { clock: systemClock })
try {
  const api = adbApi({ storage, audit: new AuditLog({ storage, clock: systemClock }), random: systemRandom })
  /** @param {string} method @param {unknown[]} params @returns {any} */
  const call = (method, ...params) =>
    api[method]?.(
      {
        caller: { kind: 'system' },
        rights: { user: 'system', admin: true },
        address: '127.0.0.1',
        client: 'bench',
        setSession() {},
      },
      params,
    )
  /** @param {number} n */
  const key = (n) => String(n).padStart(8, '0')
  const { dbId } = call('dbCreate', {})

  console.log('| list of 100 records | median (least–most) |\n| --- | --- |')
  let filled = 0
  for (const size of SIZES) {
    storage.transaction(() => {
      for (; filled < size; filled++) {
        call('recordPut', dbId, [...TABLE, key(filled)], {
          id: key(filled),
          title: 'A record',
          done: false,
          rank: filled,
        })
      }
    })
    /** @type {number[]} */
    const times = []
    // The first of each warms caches and is not counted.
    for (let round = -20; round < ROUNDS; round++) {
      const at = key(100 + Math.floor(((size - 201) * Math.max(round, 0)) / ROUNDS))
      const from = performance.now()
      const bounds = round % 2 === 0 ? { gt: at } : { lt: at, reverse: true }
      const answer = JSON.stringify(call('recordList', dbId, TABLE, { limit: 100, ...bounds }))
      const took = performance.now() - from
      if (!answer.includes('A record')) throw new Error('The list is empty.')
      if (round >= 0) times.push(took)
    }
    console.log(`| of ${size.toLocaleString('en')} | ${shown(spread(times), 'ms', 2)} |`)
  }
} finally {
  storage.close()
  await rm(folder, { recursive: true, force: true })
}
