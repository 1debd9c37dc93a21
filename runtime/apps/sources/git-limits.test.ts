import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { GitServer } from '../testing/git-server.ts'
import { type OpenApps, openApps, until } from '../testing/open-apps.ts'

// The real numbers would take a gigabyte; what happens when one is passed is the same.
vi.mock('../../contract/limits.ts', async (original) => {
  const { LIMITS } = await original<typeof import('../../contract/limits.ts')>()
  return { LIMITS: { ...LIMITS, packageBytes: 1024 * 1024, packageFiles: 50 } }
})

let open: OpenApps
let server: GitServer
beforeEach(async () => {
  server = await GitServer.start()
  open = await openApps()
})
afterEach(async () => {
  await open.close()
  await server.close()
})

const review = () =>
  open.apps.reviews.review({ reviewId: randomUUID(), source: server.url('app'), kind: 'git', actor: 'system' })

test.each([
  ['is larger than it may be, though the download is small', 20, 'x'.repeat(100 * 1024)],
  ['has more files than it may have', 60, ''],
])('A42: a git repository that %s is refused while its files are written', async (_name, files, text) => {
  const content = Object.fromEntries(Array.from({ length: files }, (_, i) => [`file-${i}.txt`, `${i}${text}`]))
  server.commit('app', { 'index.js': '', ...content })
  server.git('app', 'tag', 'v1.0.0')
  await expect(review()).rejects.toMatchObject({ code: 'TOO_LARGE' })
  await until(async () => (await readdir(open.paths.staging)).length === 0)
  expect(await readdir(open.paths.packages)).toEqual([])
})
