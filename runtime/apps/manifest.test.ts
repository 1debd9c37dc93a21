import { execFileSync } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TestApps } from '../testing/test-apps.ts'
import { readIcon } from './icon.ts'
import { readPackage, resolveMain } from './manifest.ts'

let apps: TestApps
beforeEach(async () => {
  apps = await TestApps.create()
})
afterEach(() => apps.dispose())

describe('reading', () => {
  test('both files together', async () => {
    const folder = await apps.make('echo', {
      packageJson: {
        name: '@x/echo',
        version: '1.2.3',
        author: { name: 'Ann' },
        license: 'MIT',
        description: 'from npm',
      },
      manifest: { title: 'Echo', exports: [{ api: 'a/b' }], unknown: { kept: true } },
    })
    expect(await readPackage(folder)).toMatchObject({
      title: 'Echo',
      description: 'from npm',
      version: '1.2.3',
      meta: { name: '@x/echo', author: 'Ann', license: 'MIT', main: 'index.js' },
      manifest: { exports: [{ api: 'a/b', path: '/', transport: 'rpc' }], unknown: { kept: true } },
    })
  })

  test('index.js alone is an app; a folder without one is not', async () => {
    const folder = await apps.make('echo', { packageJson: null })
    expect(await readPackage(folder)).toMatchObject({ title: 'echo', version: null, meta: { main: 'index.js' } })
    const empty = join(apps.root, 'empty')
    await mkdir(empty)
    await expect(readPackage(empty)).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('no package.json'),
    })
  })

  test('main as Node finds it', async () => {
    const files = { 'lib/start.js': '', 'server/index.js': '' }
    for (const [main, found] of [
      ['lib/start.js', 'lib/start.js'],
      ['lib/start', 'lib/start.js'],
      ['server/', 'server//index.js'],
      ['./server', './server/index.js'],
    ]) {
      const folder = await apps.make('echo', { packageJson: { main }, files })
      const pkg = await readPackage(folder)
      expect(await resolveMain(folder, pkg.meta.main)).toBe(await resolveMain(folder, found ?? ''))
    }
    const folder = await apps.make('echo', { packageJson: { main: 'gone.js' } })
    await expect(readPackage(folder)).rejects.toThrow("The app's start file gone.js is missing")
  })

  test('descriptive fields of a wrong type are left out, as npm does', async () => {
    const folder = await apps.make('echo', { packageJson: { author: 7, license: { type: 'MIT' }, version: null } })
    expect((await readPackage(folder)).meta).toMatchObject({ author: null, license: null })
  })
})

describe('broken files name what is wrong', () => {
  test.each([
    ['{"title": 7}', 'atek.json has a wrong value for "title"'],
    ['{"exports": [{"path": "/x"}]}', 'atek.json has a wrong value for "exports.0.api"'],
    ['{"exports": [{"api": "a", "path": "x"}]}', '"exports.0.path": A path starts with /.'],
    ['{"exports": [{"api": "a", "transport": "tcp"}]}', '"exports.0.transport"'],
    ['{"frame": "yes"}', '"frame"'],
    ['{"autostart": "sometimes"}', '"autostart"'],
    ['[]', 'atek.json is no JSON object'],
    ['{\n  "title": "x",\n}', 'atek.json is not valid JSON at line 3'],
    ['{\n  "title": "x"', 'atek.json is not valid JSON at line 2'],
    [`{"description": "${'x'.repeat(300_000)}"}`, 'atek.json is larger than 256 kB'],
  ])('%#', async (text, message) => {
    const folder = await apps.make('echo', { files: { 'atek.json': text } })
    await expect(readPackage(folder)).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      message: expect.stringContaining(message),
    })
  })

  test('package.json too', async () => {
    const broken = await apps.make('echo', { packageJson: null, files: { 'package.json': '{"main": 7}' } })
    await expect(readPackage(broken)).rejects.toThrow('package.json has a wrong value for "main"')
  })

  test('a byte order mark is no mistake', async () => {
    const folder = await apps.make('echo', { files: { 'atek.json': '\uFEFF{"title": "Echo"}' } })
    expect((await readPackage(folder)).title).toBe('Echo')
  })
})

describe('C45: nothing leads out of the package', () => {
  test.each(['../outside.js', '/etc/hostname', 'lib/../../outside.js', 'link/outside.js', 'linked.js', 'a\0b'])(
    'C45: main %j',
    async (main) => {
      await writeFile(join(apps.root, 'outside.js'), '')
      const folder = await apps.make('echo', { packageJson: { main } })
      await symlink('..', join(folder, 'link'))
      await symlink('../outside.js', join(folder, 'linked.js'))
      await expect(readPackage(folder)).rejects.toMatchObject({
        code: 'MANIFEST_INVALID',
        message: expect.stringContaining('leaves the app'),
      })
    },
  )

  test('C45: index.js that is a link out, and atek.json too', async () => {
    await writeFile(join(apps.root, 'outside.js'), '{}')
    const bare = join(apps.root, 'bare')
    await mkdir(bare)
    await symlink('../outside.js', join(bare, 'index.js'))
    await expect(readPackage(bare)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' })
    const folder = await apps.make('echo')
    await symlink('../outside.js', join(folder, 'atek.json'))
    await expect(readPackage(folder)).rejects.toThrow('atek.json is a link that leaves')
  })

  test('C45: a link that stays inside is fine', async () => {
    const folder = await apps.make('echo', { packageJson: { main: 'linked.js' } })
    await symlink('index.js', join(folder, 'linked.js'))
    expect((await readPackage(folder)).meta.main).toBe('linked.js')
  })

  test('C45: an icon that leaves the package is not shown', async () => {
    await writeFile(join(apps.root, 'secret.svg'), '<svg>secret</svg>')
    const folder = await apps.make('echo', { files: { 'icon.svg': '<svg></svg>' } })
    await symlink('../secret.svg', join(folder, 'linked.svg'))
    await symlink('..', join(folder, 'up'))
    expect(await readIcon(folder, { icon: 'icon.svg' })).toBe(`data:image/svg+xml;base64,${btoa('<svg></svg>')}`)
    for (const icon of ['../secret.svg', join(apps.root, 'secret.svg'), 'linked.svg', 'up/secret.svg']) {
      expect(await readIcon(folder, { icon })).toBeNull()
    }
  })
})

test.runIf(process.platform !== 'win32')('C45: a pipe in the place of a file is not waited for', async () => {
  const folder = await apps.make('echo')
  for (const name of ['atek.json', 'icon.svg']) execFileSync('mkfifo', [join(folder, name)])
  expect((await readPackage(folder)).manifest).toEqual({})
  expect(await readIcon(folder, { icon: 'icon.svg' })).toBeNull()
})

test('icons are svg or png, of 64 kB at most', async () => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0])
  const folder = await apps.make('echo', {
    files: {
      'big.svg': `<svg>${' '.repeat(65_536)}</svg>`,
      'no.svg': 'hello',
      'no.png': '<svg>',
      'x.html': '<svg>',
      'empty.svg': '',
    },
  })
  await writeFile(join(folder, 'icon.png'), png)
  expect(await readIcon(folder, { icon: 'icon.png' })).toBe(`data:image/png;base64,${png.toString('base64')}`)
  for (const icon of ['big.svg', 'no.svg', 'no.png', 'x.html', 'empty.svg', 'gone.svg', '.']) {
    expect(await readIcon(folder, { icon })).toBeNull()
  }
})
