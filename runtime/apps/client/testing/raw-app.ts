import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../core/clock.ts'
import { SocketTransport } from '../socket-transport.ts'
import type { AppRequest } from '../types.ts'

/** What a handler was told, in order. */
export interface Heard {
  status: number | null
  headers: string[]
  body: string
  outcome: 'end' | 'error'
  code: string | null
}

/** An app that answers with bytes of its choosing, and the host's client in front of it. */
export class RawApp {
  readonly transport: SocketTransport
  /** What came in, by connection. */
  readonly received: string[] = []
  readonly connections: Socket[] = []
  readonly #server: Server
  readonly #folder: string
  /** Called with everything that a connection has received so far, whenever more comes. */
  answer: (socket: Socket, received: string, connection: number) => void = () => {}

  private constructor(folder: string, clock: ConstructorParameters<typeof SocketTransport>[1]) {
    this.#folder = folder
    this.#server = createServer((socket) => this.#accept(socket))
    this.transport = new SocketTransport(join(folder, 'app'), clock)
  }

  static async start(clock: ConstructorParameters<typeof SocketTransport>[1] = systemClock): Promise<RawApp> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'atek-raw-app-')))
    const app = new RawApp(folder, clock)
    await new Promise<void>((resolve) => app.#server.listen(join(folder, 'app'), resolve))
    return app
  }

  /** Answers each request (without a body) with these bytes, and closes if told. */
  says(bytes: string | Buffer, { close = false } = {}): void {
    this.answer = (socket, received) => {
      if (!received.endsWith('\r\n\r\n')) return
      socket.write(bytes)
      if (close) socket.end()
    }
  }

  ask(request: Partial<AppRequest> = {}): Promise<Heard> {
    return new Promise((resolve) => {
      const heard: Heard = { status: null, headers: [], body: '', outcome: 'end', code: null }
      const whole = { method: 'GET', path: '/', headers: ['Host', 'x'], body: null, ...request }
      this.transport.dispatch(whole, {
        head(status, _text, headers) {
          heard.status = status
          heard.headers = headers
        },
        data(chunk) {
          heard.body += chunk.toString('latin1')
          return true
        },
        end: () => resolve(heard),
        error: (error) => resolve({ ...heard, outcome: 'error', code: error.code }),
      })
    })
  }

  async stop(): Promise<void> {
    await this.transport.close()
    for (const socket of this.connections) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await rm(this.#folder, { recursive: true, force: true })
  }

  #accept(socket: Socket): void {
    const connection = this.connections.push(socket) - 1
    this.received[connection] = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      this.received[connection] += chunk.toString('latin1')
      this.answer(socket, this.received[connection] ?? '', connection)
    })
  }
}
