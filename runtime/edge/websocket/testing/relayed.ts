import { connect, createServer, type Server, type Socket } from 'node:net'
import { systemRandom } from '../../../core/ids.ts'
import { ManualClock } from '../../../testing/manual-clock.ts'
import { Recorder } from '../../../traffic/recorder.ts'
import { WebSocketRelay } from '../relay.ts'

/** One end of a connection, and everything that came there. */
export class End {
  readonly socket: Socket
  data = Buffer.alloc(0)
  ended = false
  closed = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.data = Buffer.concat([this.data, chunk])
    })
    socket.on('end', () => {
      this.ended = true
    })
    socket.on('close', () => {
      this.closed = true
    })
    socket.on('error', () => {})
  }

  /** Takes what has come. */
  take(): Buffer {
    const { data } = this
    this.data = Buffer.alloc(0)
    return data
  }
}

const HEAD = 'HTTP/1.1 101 Switching Protocols\r\n\r\n'

/** A relay between two real connections, and what a client and an app have of them. */
export async function relayed(options: { extensions?: boolean; maxMessage?: number } = {}) {
  const servers: Server[] = []
  const pair = async (): Promise<[near: Socket, far: Socket]> => {
    const server = createServer({ allowHalfOpen: true })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    return [await accepted, far]
  }
  const [socket, clientSocket] = await pair()
  const [upstream, appSocket] = await pair()
  socket.on('error', () => socket.destroy())
  const clock = new ManualClock()
  const recorder = new Recorder({ clock })
  const entry = { appKey: null, appId: 'notes', method: 'GET', path: '/', requestHeaders: [] }
  const exchange = recorder.begin({ kind: 'websocket', ...entry })
  const { extensions = false, maxMessage } = options
  const relay = new WebSocketRelay({ socket, upstream, exchange, clock, random: systemRandom, extensions, maxMessage })
  const client = new End(clientSocket)
  const app = new End(appSocket)
  const empty = Buffer.alloc(0)
  return {
    relay,
    client,
    app,
    clock,
    socket,
    upstream,
    start: async (early: { client?: Buffer; app?: Buffer } = {}) => {
      relay.start(HEAD, { client: early.client ?? empty, app: early.app ?? empty })
      await until(() => client.data.length >= HEAD.length)
      client.data = client.data.subarray(HEAD.length)
    },
    details: () => recorder.get(exchange.seq),
    close() {
      for (const one of [socket, upstream, clientSocket, appSocket]) one.destroy()
      for (const server of servers) server.close()
    },
  }
}

export type Relayed = Awaited<ReturnType<typeof relayed>>

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
