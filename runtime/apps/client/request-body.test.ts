import { connect, createServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { RequestBody } from './request-body.ts'

/** A connection on whose other side nobody reads until told. */
async function unread(): Promise<{ socket: Socket; other: Socket; close(): void }> {
  const server = createServer({ pauseOnConnect: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
  const other = await accepted
  return {
    socket,
    other,
    close() {
      socket.destroy()
      other.destroy()
      server.close()
    },
  }
}

test.each([
  ['a length', 64_000_000],
  ['chunks', -1],
])('A45: a body with %s is read no faster than the app takes it, and goes on when it does', async (_name, length) => {
  const { socket, other, close } = await unread()
  let left = 1000
  const body = new Readable({
    read() {
      this.push(left-- > 0 ? Buffer.alloc(64_000, 'x') : null)
    },
  })
  let most = 0
  const told = {
    sent: () => {
      most = Math.max(most, socket.writableLength)
    },
    failed: (error: unknown) => {
      throw error
    },
  }
  const sending = new RequestBody(socket, body, length, true, told)
  await expect.poll(() => body.isPaused()).toBe(true)
  let came = 0
  other.on('data', (chunk) => {
    came += chunk.length
  })
  other.resume()
  await expect.poll(() => sending.ended, { timeout: 20_000 }).toBe(true)
  await expect.poll(() => came, { timeout: 20_000 }).toBeGreaterThanOrEqual(64_000_000)
  // At most what may wait, and the piece that was the last to come.
  expect(most).toBeLessThan(256 * 1024 + 64_000 + 16)
  close()
})
