/**
 * The one table of errors. A code names what went wrong; the table says which HTTP status and which JSON-RPC number
 * it becomes, so that the three borders (IPC, HTTP, JSON-RPC) cannot drift apart.
 *
 * JSON-RPC: -32700 … -32600 are the specification's own numbers (JSON-RPC 2.0, section 5.1); ours lie in the
 * implementation-defined range -32099 … -32000.
 */
export const ERRORS = {
  BAD_INPUT: { status: 400, rpc: -32602 },
  BAD_REQUEST: { status: 400, rpc: -32600 },
  PARSE_ERROR: { status: 400, rpc: -32700 },
  METHOD_NOT_FOUND: { status: 404, rpc: -32601 },
  NOT_SIGNED_IN: { status: 401, rpc: -32001 },
  BAD_CREDENTIALS: { status: 401, rpc: -32002 },
  FORBIDDEN: { status: 403, rpc: -32003 },
  NOT_FOUND: { status: 404, rpc: -32004 },
  CONFLICT: { status: 409, rpc: -32005 },
  CANCELLED: { status: 499, rpc: -32006 },
  RATE_LIMITED: { status: 429, rpc: -32007 },
  TOO_LARGE: { status: 413, rpc: -32008 },
  HEADERS_TOO_LARGE: { status: 431, rpc: -32008 },
  WEBSOCKET_VERSION: { status: 426, rpc: -32600 },
  MISDIRECTED: { status: 421, rpc: -32009 },
  FOREIGN_ORIGIN: { status: 403, rpc: -32010 },
  WEAK_PASSWORD: { status: 400, rpc: -32011 },
  USERNAME_TAKEN: { status: 409, rpc: -32012 },
  ID_TAKEN: { status: 409, rpc: -32013 },
  LAST_ADMIN: { status: 409, rpc: -32014 },
  SETUP_DONE: { status: 409, rpc: -32015 },
  SOURCE_INVALID: { status: 400, rpc: -32020 },
  SOURCE_UNREACHABLE: { status: 502, rpc: -32021 },
  MANIFEST_INVALID: { status: 400, rpc: -32022 },
  SCRIPTS_UNDECIDED: { status: 409, rpc: -32024 },
  DISK_FULL: { status: 507, rpc: -32023 },
  APP_NOT_INSTALLED: { status: 404, rpc: -32030 },
  APP_STOPPED: { status: 503, rpc: -32031 },
  APP_START_FAILED: { status: 503, rpc: -32032 },
  APP_UNREACHABLE: { status: 502, rpc: -32033 },
  APP_BAD_ANSWER: { status: 502, rpc: -32034 },
  APP_TIMEOUT: { status: 504, rpc: -32035 },
  /** The request has come back to this host from an app that lives elsewhere. */
  LOOP: { status: 508, rpc: -32037 },
  TOO_BUSY: { status: 503, rpc: -32038 },
  AMBIGUOUS_PROVIDER: { status: 409, rpc: -32036 },
  DATABASE_DAMAGED: { status: 500, rpc: -32040 },
  CONFIG_DAMAGED: { status: 500, rpc: -32041 },
  ALREADY_RUNNING: { status: 409, rpc: -32042 },
  INTERNAL: { status: 500, rpc: -32603 },
} as const satisfies Record<string, { status: number; rpc: number }>

export type ErrorCode = keyof typeof ERRORS

/** An error as data: what crosses IPC, HTTP and JSON-RPC. `message` is a sentence for a person. */
export interface ErrorData {
  code: ErrorCode
  message: string
  details?: Record<string, unknown>
}

/** An error that a person may read: what happened and what to do. Never carries a secret (C51). */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: Record<string, unknown> | undefined

  constructor(code: ErrorCode, message: string, details?: Record<string, unknown>, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'AppError'
    this.code = code
    this.details = details
  }

  get status(): number {
    return ERRORS[this.code].status
  }

  get rpc(): number {
    return ERRORS[this.code].rpc
  }

  toData(): ErrorData {
    return this.details === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, details: this.details }
  }
}

/**
 * What a border answers for anything that was thrown. Errors that are not ours become a plain INTERNAL: their text
 * could hold a path, a statement or a secret, so it goes to the log and not to the caller (C51).
 */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof AppError) return error.toData()
  return { code: 'INTERNAL', message: 'Something went wrong inside Atek. The log has the details.' }
}

/** A call's outcome as data; the only shape that crosses IPC. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: ErrorData }
