import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RawApp } from './testing/raw-app.ts'

let app: RawApp
beforeAll(async () => {
  app = await RawApp.start()
})
afterAll(() => app.stop())

const GOOD = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n',
]
const PIECES = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  ':',
  '0',
  '5',
  '\0',
  'HTTP/1.1 ',
  'Content-Length: 5\r\n',
  'chunked',
  '\r\n\r\n',
]

/** A good answer with some of its bytes changed, left out or put in twice; or bytes of any kind. */
const answers = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...GOOD),
        fc.array(fc.tuple(fc.nat(120), fc.nat(3), fc.constantFrom('', ...PIECES)), { minLength: 1, maxLength: 4 }),
      )
      .map(([good, cuts]) => {
        let text = good
        for (const [at, length, piece] of cuts) text = text.slice(0, at) + piece + text.slice(at + length)
        return Buffer.from(text, 'latin1')
      }),
  },
)

test.each([
  ['a fixed seed', 20_261_122],
  ['a fresh seed', randomInt(2 ** 31)],
])(
  'A11 A45: answers made of mistakes, with %s (%i): each ends, and none is told to another request',
  async (_name, seed) => {
    await fc.assert(
      fc.asyncProperty(answers, fc.nat(200), async (bytes, cut) => {
        // In two pieces, and then closed: whatever it was, it is over.
        app.answer = (socket, received) => {
          if (!received.endsWith('\r\n\r\n')) return
          if (received.includes('/good')) {
            socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood')
            return
          }
          socket.write(bytes.subarray(0, cut), () => socket.end(bytes.subarray(cut)))
        }
        const heard = await app.ask({ path: '/bad' })
        if (heard.outcome === 'end') expect(heard.status).toBeGreaterThanOrEqual(200)
        else expect(['APP_BAD_ANSWER', 'APP_UNREACHABLE']).toContain(heard.code)
        expect(await app.ask({ path: '/good' })).toMatchObject({ status: 200, body: 'good', outcome: 'end' })
      }),
      { seed, numRuns: 1500 },
    )
  },
  120_000,
)
