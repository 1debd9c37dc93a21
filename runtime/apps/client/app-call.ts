import type { AppError } from '../../contract/errors.ts'
import type { AppConnection } from './app-connection.ts'
import type { RequestHead } from './request-head.ts'
import type { AnswerHandler, AppCall, AppRequest } from './types.ts'

/**
 * One request on its way. It outlives its hold on a connection, which serves others afterwards: whoever calls late
 * reaches nothing.
 */
export class SocketCall implements AppCall {
  readonly request: AppRequest
  readonly head: RequestHead
  readonly handler: AnswerHandler
  /** On which it is, once there was one free. */
  connection: AppConnection | null = null
  /** It was written before, on a connection that turned out to be closed. */
  retried = false
  /** The handler hears nothing more. */
  over = false
  /** For a call that waits: the second of the transport's time at which it began to. */
  since = 0

  constructor(request: AppRequest, head: RequestHead, handler: AnswerHandler) {
    this.request = request
    this.head = head
    this.handler = handler
  }

  resume(): void {
    this.connection?.resume(this)
  }

  abort(): void {
    if (this.over) return
    this.over = true
    this.connection?.abandon(this)
    this.release()
  }

  fail(error: AppError): void {
    if (this.over) return
    this.over = true
    this.release()
    this.handler.error(error)
  }

  /** Lets go of the body that was to be sent; what did not go out of it will not. */
  release(): void {
    const { body } = this.request
    if (body !== null && !(body instanceof Uint8Array)) body.destroy()
  }
}
