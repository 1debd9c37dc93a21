import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { ws as nodeRpcWebSocket } from '@atek-cloud/node-rpc'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { type OpenHost, startOpenHost } from './testing/open-host.ts'

const FEED = 'example.com/ledger-feed'

let host: OpenHost
let key: string
beforeAll(async () => {
  host = await startOpenHost()
  await host.add('api-console', 'console', 'bob')
  key = await host.add('ledger', 'ledger', 'system')
}, 60_000)
afterAll(() => host.dispose())

/** Joined to the provider: what it says of its two headers first, then it echoes. */
async function join(headers: Record<string, string>) {
  const socket = new WebSocket(`ws://localhost:${host.port}/_atek/gateway?api=${FEED}`, { headers })
  const next = async () => {
    const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
    return { data, isBinary }
  }
  const greeting = JSON.parse((await next()).data.toString()) as Record<string, string>
  return { socket, next, greeting }
}

test('proxy: with an app’s bearer token, text and binary both ways, with the app’s two keys', async () => {
  const { token } = await host.console('console', 'bob')
  const { key: caller } = await host.bob.services.get('console')
  const { socket, next, greeting } = await join({ Authorization: `Bearer ${token}` })
  expect(greeting).toEqual({ user: host.keys.bob, service: caller })
  for (const message of ['hello', Buffer.from([0, 255, 1]), Buffer.alloc(1024 * 1024, 7)]) {
    const answer = next()
    socket.send(message)
    const { data, isBinary } = await answer
    expect(isBinary).toBe(typeof message !== 'string')
    expect(data.equals(Buffer.from(message))).toBe(true)
  }
  socket.close()
  await once(socket, 'close')
  expect((await host.calls(FEED))[0]).toMatchObject({
    kind: 'websocket',
    appId: 'ledger',
    caller: { username: 'bob', serviceId: 'console' },
    status: 101,
    refused: null,
  })
})

test('proxy: with a person’s cookie, the provider’s own key; the cookie does not reach it', async () => {
  const { socket, greeting } = await join({ Cookie: host.bob.keeper.header })
  expect(greeting).toEqual({ user: host.keys.bob, service: key })
  socket.close()
})

test('proxy: node-rpc’s ws() sends no bearer token, so it is 401', async () => {
  const socket = nodeRpcWebSocket(FEED, 'ws', 'localhost', host.port)
  const [error] = (await once(socket, 'error')) as [Error]
  expect(error.message).toContain('401')
  expect((await host.calls(FEED))[0]).toMatchObject({ refused: 'NOT_SIGNED_IN', status: 401 })
})

test('proxy: an API that is not provided over it is refused before the handshake', async () => {
  const { token } = await host.console('console', 'bob')
  const url = `ws://localhost:${host.port}/_atek/gateway?api=example.com/ledger`
  const socket = new WebSocket(url, { headers: { Authorization: `Bearer ${token}` } })
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  expect(answer.statusCode).toBe(404)
  answer.resume()
  expect((await host.calls('example.com/ledger'))[0]).toMatchObject({
    refused: 'METHOD_NOT_FOUND',
    reason: 'This API is provided, but not over the transport "proxy".',
  })
})
