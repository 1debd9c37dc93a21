import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { waitUntilReady } from './ready.ts'

let folder: string
let server: Server | null
const asked: IncomingMessage[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atek-ready-'))
  server = null
  asked.length = 0
})
afterEach(async () => {
  server?.closeAllConnections()
  server?.close()
  await rm(folder, { recursive: true, force: true })
})

async function listen(status: number | null): Promise<string> {
  const socket = join(folder, 'app.sock')
  server = createServer((request, response) => {
    asked.push(request)
    if (status !== null) response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => server?.listen(socket, resolve))
  return socket
}

test('C21: the question whether an app is ready carries both headers, like every request', async () => {
  const socket = await listen(204)
  expect(await waitUntilReady(socket, 5000, systemClock, new AbortController().signal)).toBeNull()
  expect(asked[0]?.method).toBe('HEAD')
  const names = asked[0]?.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  expect(names?.filter((name) => name.startsWith('atek-'))).toEqual(['atek-auth-user', 'atek-auth-service'])
})

test.each([200, 404, 500])('the status %i is as good as any', async (status) => {
  const socket = await listen(status)
  expect(await waitUntilReady(socket, 5000, systemClock, new AbortController().signal)).toBeNull()
})

test('says what was missing when the time is up, and ends with the signal', async () => {
  const never = new AbortController()
  expect(await waitUntilReady(join(folder, 'app.sock'), 50, systemClock, never.signal)).toBe('not-listening')
  const socket = await listen(null)
  expect(await waitUntilReady(socket, 50, systemClock, never.signal)).toBe('not-answering')
  const waiting = waitUntilReady(socket, 60_000, systemClock, never.signal)
  never.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})
