/** Sources of the apps that tests run: plain CommonJS without dependencies, as an app's `index.js`. */

const listen = (handler: string, extra = '') => `'use strict'
const http = require('node:http')
const server = http.createServer(${handler})
${extra}
server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
`

const ok = `(req, res) => { req.resume(); res.end('ok') }`

/**
 * Answers every request with JSON of what it got. `count` numbers the requests of this process and `connection` the
 * connections, so that a test sees a smuggled request (A10). /ws echoes WebSocket messages; the text message
 * "headers" is answered with the handshake's raw headers.
 */
const echo = listen(
  `(req, res) => {
  const count = ++requests
  const chunks = []
  req.on('data', (chunk) => chunks.push(chunk))
  req.on('end', () => {
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify({
      method: req.method,
      url: req.url,
      rawHeaders: req.rawHeaders,
      rawTrailers: req.rawTrailers,
      body: Buffer.concat(chunks).toString('utf8'),
      count,
      connection: req.socket.number,
    }))
  })
}`,
  `let requests = 0
let connections = 0
const crypto = require('node:crypto')
server.on('connection', (socket) => { socket.number = ++connections })

function frame(opcode, payload) {
  const length = payload.length
  let head
  if (length < 126) head = Buffer.from([0x80 | opcode, length])
  else if (length < 65536) {
    head = Buffer.alloc(4)
    head[1] = 126
    head.writeUInt16BE(length, 2)
  } else {
    head = Buffer.alloc(10)
    head[1] = 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  head[0] = 0x80 | opcode
  return Buffer.concat([head, payload])
}

// One whole masked frame at the start of a buffer (RFC 6455, 5.2), or null while it is not all there.
function take(buffer) {
  if (buffer.length < 2) return null
  let length = buffer[1] & 0x7f
  let at = 2
  if (length === 126) {
    if (buffer.length < 4) return null
    length = buffer.readUInt16BE(2)
    at = 4
  } else if (length === 127) {
    if (buffer.length < 10) return null
    length = Number(buffer.readBigUInt64BE(2))
    at = 10
  }
  if (buffer.length < at + 4 + length) return null
  const mask = buffer.subarray(at, at + 4)
  const payload = Buffer.from(buffer.subarray(at + 4, at + 4 + length))
  for (let i = 0; i < payload.length; i++) payload[i] ^= mask[i & 3]
  return { opcode: buffer[0] & 0x0f, payload, rest: buffer.subarray(at + 4 + length) }
}

server.on('upgrade', (req, socket, head) => {
  socket.on('error', () => socket.destroy())
  if (!req.url.startsWith('/ws')) return socket.end('HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n')
  const accept = crypto.createHash('sha1')
    .update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64')
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n' +
    'Sec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n')
  let pending = head
  const read = () => {
    for (let got = take(pending); got !== null; got = take(pending)) {
      pending = got.rest
      if (got.opcode === 8) return socket.end(frame(8, got.payload))
      if (got.opcode === 9) socket.write(frame(10, got.payload))
      else if (got.opcode === 1 && got.payload.toString() === 'headers')
        socket.write(frame(1, Buffer.from(JSON.stringify(req.rawHeaders))))
      else if (got.opcode <= 2) socket.write(frame(got.opcode || 1, got.payload))
    }
  }
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk])
    read()
  })
  read()
})`,
)

export const TEST_APP_SOURCES = {
  echo,
  /** GET / answers its whole environment as JSON. */
  environment: listen(`(req, res) => res.end(JSON.stringify(process.env))`),
  'exits-at-once': `console.error('The database is missing.')\nprocess.exit(3)\n`,
  'throws-at-once': `throw new Error('A mistake in the app')\n`,
  'exits-cleanly-at-once': `process.exit(0)\n`,
  'never-listens': `setInterval(() => {}, 1000)\n`,
  'never-answers': listen(`() => {}`),
  /** Listens after DELAY_MS of its config, 700 ms unless told. */
  'listens-late': `const http = require('node:http')
setTimeout(() => http.createServer(${ok}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE), Number(process.env.DELAY_MS || 700))
`,
  'ignores-sigterm': listen(ok, `process.on('SIGTERM', () => console.log('no'))`),
  /** Forks a child and a grandchild in a session of its own; GET / answers their process IDs. */
  'forks-a-child': listen(
    `(req, res) => res.end(JSON.stringify([child.pid, runaway.pid]))`,
    `const { spawn } = require('node:child_process')
const wait = ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)']
const child = spawn(process.execPath, wait, { stdio: 'inherit' })
const runaway = spawn(process.execPath, wait, { stdio: 'inherit', detached: true })`,
  ),
  /** Prints its bearer token in several ways (C51). */
  'prints-token': listen(
    ok,
    `const token = process.env.ATEK_HOST_BEARER_TOKEN
console.log('my token is ' + token)
console.error('Authorization: Bearer ' + token)
process.stdout.write('x'.repeat(16 * 1024 - 20) + token + 'y'.repeat(40) + '\\n')
process.stdout.write(token.slice(0, 20))
setTimeout(() => process.stdout.write(token.slice(20) + ' in two pieces\\n'), 50)`,
  ),
  /** GET /crash ends it with code 7; everything else is answered "ok". */
  'crashes-on-request': listen(
    `(req, res) => { if (req.url === '/crash') { console.error('told to crash'); process.exit(7) } res.end('ok') }`,
  ),
  /** Writes LINES numbered lines to stdout, then listens. */
  'prints-lines': listen(
    ok,
    `const lines = Number(process.env.LINES || 1000)
for (let i = 1; i <= lines; i++) process.stdout.write('line ' + i + '\\n')`,
  ),
  /** Begins an answer and never ends it. */
  'never-ends': listen(`(req, res) => { if (req.method === 'HEAD') res.end(); else { res.write('begin'); } }`),
  /** GET /events is an event stream that says "hello" and stays open; everything else is answered "ok". */
  'event-stream': listen(`(req, res) => {
  if (req.url !== '/events') return res.end('ok')
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  res.write('data: hello\\n\\n')
}`),
  /** Answers with something that is no HTTP, except to HEAD. */
  'speaks-no-http': `const net = require('node:net')
net.createServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', (data) => socket.end(String(data).startsWith('HEAD') ? 'HTTP/1.1 204 No Content\\r\\n\\r\\n' : 'hello\\n'))
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
`,
} as const

export type TestAppKind = keyof typeof TEST_APP_SOURCES
