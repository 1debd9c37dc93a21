import { execFile } from 'node:child_process'
import { chmod, lstat, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkSocketFolder, makeSocketFolder, socketPath } from './socket-folder.ts'
import { openApps } from './testing/open-apps.ts'

let root: string
let folder: string
const isRoot = process.getuid?.() === 0
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'atek-sockets-')))
  folder = join(root, 'atek-0123456789')
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('C22: the socket folder is made for its owner alone', async () => {
  await makeSocketFolder(folder)
  expect((await lstat(folder)).mode & 0o777).toBe(0o700)
  checkSocketFolder(folder)
})

test('C22: a folder of an earlier run is closed and emptied', async () => {
  await mkdir(folder, { mode: 0o755 })
  await writeFile(join(folder, 'old.sock'), '')
  await makeSocketFolder(folder)
  expect((await lstat(folder)).mode & 0o777).toBe(0o700)
  expect(await readdir(folder)).toEqual([])
})

test('C22: a folder that was opened to others later is refused', async () => {
  await makeSocketFolder(folder)
  await chmod(folder, 0o750)
  expect(() => checkSocketFolder(folder)).toThrow('open to other users')
})

test('A08: a link in place of the socket folder is refused, and what it leads to is not touched', async () => {
  const elsewhere = join(root, 'elsewhere')
  await mkdir(elsewhere, { mode: 0o755 })
  await writeFile(join(elsewhere, 'kept'), '')
  await symlink(elsewhere, folder)
  await expect(makeSocketFolder(folder)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  expect(() => checkSocketFolder(folder)).toThrow('is a link')
  expect(await readdir(elsewhere)).toEqual(['kept'])
  expect((await lstat(elsewhere)).mode & 0o777).toBe(0o755)
})

test('A08: a file in place of the socket folder is refused', async () => {
  await writeFile(folder, '')
  await expect(makeSocketFolder(folder)).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

test('A08: a parent where others can exchange the folder is refused', async () => {
  await makeSocketFolder(folder)
  await chmod(root, 0o777)
  expect(() => checkSocketFolder(folder)).toThrow('Other users can replace')
  await chmod(root, 0o1777)
  checkSocketFolder(folder)
})

test.runIf(isRoot)('A08: a folder of another user is refused', async () => {
  const { chown } = await import('node:fs/promises')
  await mkdir(folder, { mode: 0o700 })
  await chown(folder, 65534, 65534)
  await expect(makeSocketFolder(folder)).rejects.toThrow('belongs to another user')
})

test.runIf(isRoot)('A08: another user of the computer cannot reach an app', async () => {
  const open = await openApps()
  try {
    // The way to the socket folder itself is open, so that only its own mode stands between.
    for (const at of [join(open.paths.sockets, '../..'), join(open.paths.sockets, '..')]) await chmod(at, 0o755)
    const record = await open.install(await open.sources.make('echo'))
    const socket = open.apps.state(record.key).socketPath ?? ''
    const connect = `require('net').connect(process.argv[1]).on('connect', () => { console.log('connected'); process.exit() })
      .on('error', (error) => { console.log(error.code); process.exit() })`
    const as = async (uid: number) =>
      (await promisify(execFile)(process.execPath, ['-e', connect, socket], { uid, gid: uid, cwd: '/' })).stdout.trim()
    expect(await as(0)).toBe('connected')
    expect(await as(65534)).toBe('EACCES')
  } finally {
    await open.close()
  }
})

test('a path that would not fit into sun_path is refused in a sentence', () => {
  expect(socketPath('/tmp/atek-0123456789', 'a'.repeat(32))).toBe(`/tmp/atek-0123456789/${'a'.repeat(16)}.sock`)
  expect(() => socketPath(`/tmp/${'x'.repeat(90)}`, 'a'.repeat(32))).toThrow('too long')
})
