import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import type { Clock } from '../../core/clock.ts'
import type { Disposable } from '../../core/disposable.ts'
import { SocketCall } from './app-call.ts'
import { AppConnection, type ConnectionOwner } from './app-connection.ts'
import { answerError } from './client-errors.ts'
import { requestHead } from './request-head.ts'
import type { AnswerHandler, AppCall, AppRequest, AppTransport, UpgradeAnswer, UpgradeRequest } from './types.ts'
import { UpgradeRequests } from './upgrade-request.ts'

/**
 * The host's own client: connections to one app over its Unix socket, kept alive, one request at a time on each. Heads
 * are written as one text and read once; bodies pass through.
 */
export class SocketTransport implements AppTransport, ConnectionOwner {
  /** Counted by a timer of one second, which runs while there are connections. */
  seconds = 0
  readonly #path: string
  readonly #clock: Clock
  readonly #upgrades: UpgradeRequests
  readonly #connections = new Set<AppConnection>()
  /** The one that was used last is used next, so that those that are too many come to rest and are let go. */
  readonly #idle: AppConnection[] = []
  /** Wait until one of LIMITS.socketsPerApp connections is free. */
  #waiting: SocketCall[] = []
  #timer: Disposable | null = null

  constructor(path: string, clock: Clock) {
    this.#path = path
    this.#clock = clock
    this.#upgrades = new UpgradeRequests(path)
  }

  dispatch(request: AppRequest, handler: AnswerHandler): AppCall {
    let head: ReturnType<typeof requestHead>
    try {
      head = requestHead(request)
    } catch (error) {
      const refused = new SocketCall(request, { text: '', length: 0 }, handler)
      queueMicrotask(() => refused.fail(answerError(error)))
      return refused
    }
    const call = new SocketCall(request, head, handler)
    this.#send(call)
    return call
  }

  upgrade(request: UpgradeRequest, signal: AbortSignal): Promise<UpgradeAnswer> {
    return this.#upgrades.send(request, signal)
  }

  async close(): Promise<void> {
    this.#upgrades.close()
    const open = [...this.#connections]
    const gone = Promise.all(open.map((connection) => connection.gone()))
    const waiting = this.#waiting
    this.#waiting = []
    for (const call of waiting) call.fail(closed())
    for (const connection of open) connection.fail(closed())
    await gone
  }

  idle(connection: AppConnection): void {
    const next = this.#nextWaiting()
    if (next === undefined) this.#idle.push(connection)
    else connection.send(next)
  }

  closed(connection: AppConnection): void {
    this.#connections.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
    const next = this.#nextWaiting()
    if (next !== undefined) this.#connect(next)
    else if (this.#connections.size === 0) {
      this.#timer?.dispose()
      this.#timer = null
    }
  }

  again(call: SocketCall): void {
    // Not on another idle one: what closed this one may have closed all of them.
    if (this.#connections.size < LIMITS.socketsPerApp) this.#connect(call)
    else this.#wait(call)
  }

  #send(call: SocketCall): void {
    const idle = this.#idle.pop()
    if (idle !== undefined) idle.send(call)
    else if (this.#connections.size < LIMITS.socketsPerApp) this.#connect(call)
    else this.#wait(call)
  }

  #connect(call: SocketCall): void {
    const connection = new AppConnection(this.#path, this)
    this.#connections.add(connection)
    this.#timer ??= this.#clock.every(1000, () => this.#tick())
    connection.send(call)
  }

  #wait(call: SocketCall): void {
    call.since = this.seconds
    this.#waiting.push(call)
  }

  #nextWaiting(): SocketCall | undefined {
    for (;;) {
      const next = this.#waiting.shift()
      if (next === undefined || !next.over) return next
    }
  }

  #tick(): void {
    this.seconds++
    for (const connection of [...this.#connections]) connection.check()
    const longest = LIMITS.appHeadersTimeout / 1000
    for (const call of this.#waiting.filter((waiting) => this.seconds - waiting.since > longest)) {
      call.fail(new AppError('APP_TIMEOUT', 'The app did not answer in time.'))
    }
    this.#waiting = this.#waiting.filter((call) => !call.over)
  }
}

function closed(): AppError {
  return new AppError('APP_UNREACHABLE', 'The app was stopped.')
}
