import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { silentLogger } from '../core/logger.ts'
import { Listener } from './listener.ts'
import type { RequestHandler } from './request-handler.ts'

const handler = { request: (_req: unknown, res: { end(): void }) => res.end() } as unknown as RequestHandler
const listeners: Listener[] = []
const others: Server[] = []

afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
  for (const server of others.splice(0)) server.close()
})

function listener(): Listener {
  const made = new Listener({ handler, logger: silentLogger })
  listeners.push(made)
  return made
}

async function take(host: string, port = 0): Promise<number> {
  const server = createServer()
  others.push(server)
  await new Promise<void>((resolve) => server.listen({ host, port }, resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

test.each(['127.0.0.1', '::1'])('a port that is taken on %s is left to whoever has it', async (host) => {
  const taken = await take(host)
  const port = await listener().listen(taken)
  expect(port).toBeGreaterThan(taken)
  expect(port).toBeLessThanOrEqual(taken + 50)
})

test('two hosts beside each other get two ports', async () => {
  const first = await listener().listen(0)
  expect(await listener().listen(first)).not.toBe(first)
})

test('A20: nothing listens beyond loopback', async () => {
  const port = await listener().listen(0)
  // Another program can still have the port on every other address of this computer.
  expect(await take('127.0.0.2', port)).toBe(port)
})
