import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TEST_APP_SOURCES } from '../testing/test-apps.ts'
import { NpmRegistry } from './testing/npm-registry.ts'
import { type OpenApps, openApps, until } from './testing/open-apps.ts'
import { bomb, type TarEntry, tarball } from './testing/tarball.ts'

let open: OpenApps
let registry: NpmRegistry
beforeEach(async () => {
  registry = await NpmRegistry.start()
  open = await openApps({ npmRegistry: registry.url })
})
afterEach(async () => {
  await open.close()
  await registry.close()
})

const app = (name: string, more: object = {}) => ({ name, version: '1.0.0', ...more })
const packageFiles = (name: string, more: object = {}): TarEntry[] => [
  { path: 'package/package.json', text: JSON.stringify(app(name, more)) },
  { path: 'package/index.js', text: TEST_APP_SOURCES.echo },
]

function review(name: string) {
  return open.apps.reviews.review({ reviewId: randomUUID(), source: `npm:${name}`, kind: 'npm', actor: 'system' })
}

const install = (reviewId: string) =>
  open.apps.reviews.install({ reviewId, id: 'app', owner: 'system', allowScripts: false, actor: 'system' })

async function sizeOf(folder: string): Promise<number> {
  let total = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (entry.isFile()) total += (await lstat(join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0
  }
  return total
}

/** The most that lies in staging while something goes on. */
async function mostStaged(during: Promise<unknown>): Promise<number> {
  let most = 0
  let over = false
  const ended = during.then(
    () => undefined,
    () => undefined,
  )
  void ended.then(() => {
    over = true
  })
  while (!over) {
    most = Math.max(most, await sizeOf(open.paths.staging))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return most
}

async function nothingLeft(): Promise<void> {
  await until(async () => (await readdir(open.paths.staging)).length === 0)
  expect(await readdir(open.paths.packages)).toEqual([])
}

const TEN_GIGABYTES = 10 * 1024
const MEGABYTE = 1024 * 1024

test('A42: an npm package that unfolds to 10 GB is refused before any of that is written', async () => {
  const bytes = bomb(TEN_GIGABYTES, packageFiles('bomb'))
  // It would go through everything that looks at the download alone.
  expect(bytes.length).toBeLessThan(100 * MEGABYTE)
  registry.publishRaw(app('bomb'), bytes)
  const refused = review('bomb')
  const most = mostStaged(refused)
  await expect(refused).rejects.toMatchObject({ code: 'TOO_LARGE' })
  // The download itself lies in npm's cache for as long.
  expect(await most).toBeLessThan(200 * MEGABYTE)
  await nothingLeft()
}, 120_000)

test('A42: so is a dependency of a dependency', async () => {
  registry.publishRaw(app('bomb'), bomb(TEN_GIGABYTES, packageFiles('bomb')))
  await registry.publish('middle', '1.0.0', { 'index.js': '' }, { dependencies: { bomb: '1' } })
  await registry.publish('app', '1.0.0', { 'index.js': '' }, { dependencies: { middle: '1' } })
  const { reviewId } = await review('app')
  const refused = install(reviewId)
  const most = mostStaged(refused)
  await expect(refused).rejects.toMatchObject({ code: 'TOO_LARGE' })
  expect(await most).toBeLessThan(200 * MEGABYTE)
  await nothingLeft()
}, 120_000)

test('A42: entries of a package that leave its folder, are links or devices, leave nothing behind', async () => {
  const outside = join(open.paths.config, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'kept'), 'as it was')
  const up = '../'.repeat(12)
  const hostile: TarEntry[] = [
    { path: `package/${up}${outside.slice(1)}/up`, text: 'evil' },
    { path: `${outside}/absolute`, text: 'evil' },
    { path: 'package/../../../sideways', text: 'evil' },
    { path: 'package/out', type: '2', link: outside },
    { path: 'package/out/through-link', text: 'evil' },
    { path: 'package/hard', type: '1', link: join(outside, 'kept') },
    { path: 'package/hard', text: 'evil' },
    { path: 'package/device', type: '3' },
    { path: 'package/disk', type: '4' },
    { path: 'package/pipe', type: '6' },
    { path: 'package/self', type: '2', link: '.' },
    { path: 'package/self/self/x', text: 'evil' },
  ]
  registry.publishRaw(app('hostile'), tarball([...packageFiles('hostile'), ...hostile]))
  const outcome = await review('hostile').then(
    ({ reviewId }) => install(reviewId),
    (error: unknown) => error,
  )
  expect(await readdir(outside)).toEqual(['kept'])
  expect(await readFile(join(outside, 'kept'), 'utf8')).toBe('as it was')
  expect((await lstat(join(outside, 'kept'))).nlink).toBe(1)
  const names = execFileSync('find', [open.paths.config, '-name', 'sideways', '-o', '-type', 'l', '-o', '-type', 'b'])
  expect(String(names)).toBe('')
  // Unpacked without them, or not at all: either way nothing in it is anything but a file or a folder.
  if (!(outcome instanceof Error)) {
    const found = await readdir(open.paths.packages, { recursive: true, withFileTypes: true })
    expect(found.filter((entry) => !entry.isFile() && !entry.isDirectory())).toEqual([])
  }
}, 60_000)

test('A42: a package that is cut off, or no archive at all, is refused', async () => {
  const whole = tarball(packageFiles('cut'))
  registry.publishRaw(app('cut'), whole.subarray(0, whole.length - 20))
  registry.publishRaw(app('nothing'), Buffer.from('no archive'))
  for (const name of ['cut', 'nothing']) await expect(review(name)).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  await nothingLeft()
})
