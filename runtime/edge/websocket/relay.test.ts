import { afterEach, expect, test } from 'vitest'
import { LIMITS } from '../../contract/limits.ts'
import { closeFrame } from './close-frame.ts'
import { frameBytes, MASK, text } from './testing/frames.ts'
import { type End, type Relayed, relayed, until } from './testing/relayed.ts'

let open: Relayed | null = null
afterEach(() => {
  open?.close()
  open = null
})

async function started(options: Parameters<typeof relayed>[0] = {}, early: Parameters<Relayed['start']>[0] = {}) {
  open = await relayed(options)
  await open.start(early)
  return open
}

const has = (end: End, bytes: Buffer) => until(() => end.data.length >= bytes.length || end.closed)
const OVER = { code: 4401, reason: 'The session ended.' } as const

test('what each side sent early comes first, and a header in pieces waits for its rest', async () => {
  const { client, app } = await started({}, { client: text('early', MASK), app: text('hi') })
  await has(client, text('hi'))
  await has(app, text('early', MASK))
  expect(client.take()).toEqual(text('hi'))
  expect(app.take()).toEqual(text('early', MASK))
  const message = text('x'.repeat(300), MASK)
  for (const byte of message) client.socket.write(Buffer.from([byte]))
  await has(app, message)
  expect(app.take()).toEqual(message)
})

test('C10: the client is told in a close frame once the frame that it is in the middle of has ended', async () => {
  const { client, app, relay, details } = await started()
  const message = text('x'.repeat(1000))
  app.socket.write(message.subarray(0, 500))
  await has(client, message.subarray(0, 500))
  relay.close(OVER)
  client.socket.write(text('too late', MASK))
  await until(() => app.data.length > 0)
  // The app, between two frames, was told at once, in a masked frame as a client sends it.
  expect([...app.data.subarray(0, 2)]).toEqual([0x88, 0x82])
  app.take()
  app.socket.write(Buffer.concat([message.subarray(500), text('and more')]))
  const expected = Buffer.concat([message, closeFrame(4401, OVER.reason, null)])
  await has(client, expected)
  client.socket.write(frameBytes({ opcode: 8, payload: Buffer.from([0x11, 0x31]), mask: MASK }))
  await until(() => client.ended)
  expect(client.data).toEqual(expected)
  expect(app.data.length).toBe(0)
  expect(details()).toMatchObject({ state: 'aborted', reason: 'The session ended.' })
  expect(details()?.frames.at(-1)).toMatchObject({ direction: 'out', opcode: 'close', closeCode: 4401 })
})

test('C10: a client or an app that does not agree to the end is cut off', async () => {
  const { client, app, relay, clock, socket, upstream } = await started()
  relay.close(OVER)
  await has(client, closeFrame(4401, OVER.reason, null))
  expect(socket.destroyed).toBe(false)
  clock.advance(LIMITS.webSocketCloseTimeout)
  expect(socket.destroyed).toBe(true)
  expect(upstream.destroyed).toBe(true)
  await until(() => client.closed || client.ended)
  await until(() => app.closed || app.ended)
})

test('C10: a client in the middle of a frame that never ends is cut off without a close frame', async () => {
  const { client, app, relay, clock } = await started()
  const message = text('x'.repeat(1000))
  app.socket.write(message.subarray(0, 500))
  await has(client, message.subarray(0, 500))
  relay.close(OVER)
  clock.advance(LIMITS.webSocketCloseTimeout)
  await until(() => client.ended || client.closed)
  expect(client.data).toEqual(message.subarray(0, 500))
})

test('C10: with a client that takes nothing, the end comes as soon', async () => {
  const { client, app, relay, clock, socket } = await started()
  client.socket.pause()
  const message = frameBytes({ opcode: 2, payload: Buffer.alloc(1_000_000) })
  for (let i = 0; i < 40; i++) app.socket.write(message)
  await until(() => socket.writableNeedDrain)
  relay.close(OVER)
  clock.advance(LIMITS.webSocketCloseTimeout)
  expect(socket.destroyed).toBe(true)
})

test('A45: a message over the limit closes both sides with 1009, and the record says why', async () => {
  for (const from of ['client', 'app'] as const) {
    const both = await started({ maxMessage: 1000 })
    const { client, app, details } = both
    const mask = from === 'client' ? MASK : null
    const [sender, receiver] = from === 'client' ? [client, app] : [app, client]
    const part = frameBytes({ opcode: 2, fin: false, payload: Buffer.alloc(800), mask })
    const more = frameBytes({ opcode: 0, payload: Buffer.alloc(201), mask })
    sender.socket.write(part)
    await has(receiver, part)
    expect(receiver.take()).toEqual(part)
    for (const byte of more) sender.socket.write(Buffer.from([byte]))
    await until(() => client.data.length >= 4)
    expect(client.data[0]).toBe(0x88)
    expect(client.data.readUInt16BE(2)).toBe(1009)
    await until(() => app.data.length >= 8)
    expect(app.data[0]).toBe(0x88)
    expect(details()).toMatchObject({ refused: 'TOO_LARGE', state: 'aborted' })
    expect(details()?.reason).toContain(`From the ${from}: A message has 1001 bytes`)
    both.close()
  }
})

test('A45: a client’s broken frame ends its WebSocket with 1002; an app’s own harms itself', async () => {
  const one = await started()
  one.client.socket.write(Buffer.concat([text('good', MASK), text('not masked')]))
  await until(() => one.client.data.length >= 4)
  expect(one.client.data.readUInt16BE(2)).toBe(1002)
  await until(() => one.app.data.length > text('good', MASK).length)
  expect(one.app.data.subarray(0, 10)).toEqual(text('good', MASK))
  expect(one.app.data[10]).toBe(0x88)
  expect(one.details()).toMatchObject({
    refused: 'BAD_REQUEST',
    reason: 'From the client: A frame from a client is not masked.',
  })
  one.close()

  const two = await started()
  two.app.socket.write(Buffer.concat([text('good'), Buffer.from('HTTP/1.1 200 OK\r\n\r\n')]))
  await until(() => two.client.data.length >= text('good').length + 4)
  expect(two.client.data.subarray(0, 6)).toEqual(text('good'))
  expect(two.client.data.readUInt16BE(8)).toBe(1002)
  expect(two.details()).toMatchObject({ refused: null, state: 'aborted' })
  expect(two.details()?.reason).toContain('From the app: ')
})

test('A45: an app that goes without a word is said to have gone', async () => {
  const { client, app, details } = await started()
  app.socket.destroy()
  await until(() => client.data.length >= 4)
  expect(client.data.readUInt16BE(2)).toBe(1001)
  expect(details()).toMatchObject({ state: 'aborted', refused: null })
})

test('a WebSocket that both ends close is left to them', async () => {
  const { client, app, details } = await started()
  const bye = frameBytes({ opcode: 8, payload: Buffer.from([0x03, 0xe8]), mask: MASK })
  client.socket.write(bye)
  await has(app, bye)
  const back = frameBytes({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) })
  app.socket.end(back)
  await until(() => client.ended)
  expect(client.data).toEqual(back)
  client.socket.end()
  await until(() => app.ended)
  expect(details()).toMatchObject({ frameCounts: { in: 1, out: 1 } })
  expect(details()?.frames.map((frame) => frame.closeCode)).toEqual([1000, 1000])
})

test('a close reason is cut between two characters', () => {
  const frame = closeFrame(4401, 'é'.repeat(100), null)
  expect(frame.length).toBeLessThanOrEqual(127)
  expect(new TextDecoder('utf-8', { fatal: true }).decode(frame.subarray(4))).toMatch(/^é+$/)
})
