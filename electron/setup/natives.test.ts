import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { findElectron } from './electron.mjs'
import { root } from './folders.mjs'

/**
 * The binary that set-up put in place, under load: statements and rows hold references to strings, which is what
 * Node-API 9 refuses and napi9.h makes up for. In processes of their own, since what can go wrong is a crash.
 */
const SCRIPT = `
  const Database = require('better-sqlite3')
  const db = new Database(':memory:')
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, "ä name" TEXT, blob BLOB) STRICT')
  const insert = db.prepare('INSERT INTO t ("ä name", blob) VALUES (@name, @blob)')
  for (let i = 0; i < 5000; i++) insert.run({ name: 'row ' + i, blob: Buffer.from([i & 255]) })
  let sum = 0
  for (let round = 0; round < 300; round++) {
    const statement = db.prepare('SELECT *, ' + round + ' AS round FROM t WHERE id % 50 = ?')
    for (const row of statement.iterate(round % 50)) sum += row['ä name'].length + row.blob.length + row.round - round
    try { db.prepare('SELECT nothing FROM nowhere') } catch (error) { if (error.code !== 'SQLITE_ERROR') throw error }
    if (round % 50 === 0) globalThis.gc()
  }
  db.close()
  require('argon2')
  console.log(sum)`

const flags = ['--expose-gc', '-e', SCRIPT]

test('better-sqlite3 and argon2 run under Node', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root })
  expect(Number(stdout)).toBeGreaterThan(0)
})

test('better-sqlite3, argon2 and keytar run under Electron as Node', async () => {
  const electron = await findElectron()
  expect(electron, 'npm test puts an Electron in place').not.toBeNull()
  const { stdout } = await promisify(execFile)(
    electron?.executable ?? '',
    [...flags.slice(0, -1), `require('keytar');${SCRIPT}`],
    {
      cwd: root,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    },
  )
  expect(Number(stdout)).toBeGreaterThan(0)
})
