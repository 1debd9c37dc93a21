import type {
  AtekBridge,
  ControlInput,
  ControlMethod,
  ControlOutput,
  DesktopInput,
  DesktopMethod,
  DesktopOutput,
  PanelEvent,
} from '../electron/ipc/contract.ts'
import type { ErrorCode, ErrorData, Result } from '../runtime/contract/errors.ts'

declare global {
  interface Window {
    /** Put there by the preload script; absent when the page is opened outside of Atek. */
    readonly atek?: AtekBridge
  }
}

/** A call that the host refused or could not do. `message` is a sentence for the person. */
export class CallError extends Error {
  readonly code: ErrorCode
  readonly details: Record<string, unknown>

  constructor(data: ErrorData) {
    super(data.message)
    this.name = 'CallError'
    this.code = data.code
    this.details = data.details ?? {}
  }
}

/** Any thrown value as a CallError: what a screen shows is always a sentence with a code. */
export function toCallError(error: unknown): CallError {
  if (error instanceof CallError) return error
  return new CallError({
    code: 'INTERNAL',
    message: 'The window lost its connection to Atek. Close the window and open it again.',
  })
}

export function hasBridge(): boolean {
  return window.atek !== undefined
}

/** Calls the host's control API. Throws CallError. */
export async function control<M extends ControlMethod>(method: M, input: ControlInput<M>): Promise<ControlOutput<M>> {
  return unwrap(await bridge().control(method, input)) as ControlOutput<M>
}

/** Calls what only the desktop has: dialogs, the browser, preferences. Throws CallError. */
export async function desktop<M extends DesktopMethod>(method: M, input: DesktopInput<M>): Promise<DesktopOutput<M>> {
  return unwrap(await bridge().desktop(method, input)) as DesktopOutput<M>
}

/** Listens to the main process; the answer stops it. */
export function onPanelEvent(listener: (event: PanelEvent) => void): () => void {
  return bridge().onEvent(listener)
}

/** The path of a file or folder that was dropped on the window; empty when it has none. */
export function pathOfFile(file: File): string {
  return bridge().pathOfFile(file)
}

function bridge(): AtekBridge {
  if (window.atek === undefined) {
    throw new CallError({ code: 'INTERNAL', message: 'This page works inside Atek only. Start Atek to use it.' })
  }
  return window.atek
}

function unwrap(result: unknown): unknown {
  if (!isResult(result)) throw toCallError(result)
  if (!result.ok) throw new CallError(result.error)
  return result.value
}

function isResult(value: unknown): value is Result<unknown> {
  return typeof value === 'object' && value !== null && 'ok' in value && (value.ok === true || 'error' in value)
}
