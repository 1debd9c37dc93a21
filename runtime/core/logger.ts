import { maskText } from './mask.ts'

export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** One line a message: time, level, text, fields as JSON. Everything passes the mask (C51). */
export function createLogger(write: (line: string) => void, now: () => number = Date.now): Logger {
  const log = (level: string) => (message: string, fields?: Record<string, unknown>) => {
    const rest = fields === undefined ? '' : ` ${JSON.stringify(fields, errorAsText)}`
    write(maskText(`${new Date(now()).toISOString()} ${level} ${message}${rest}`))
  }
  return { info: log('info'), warn: log('warn'), error: log('error') }
}

function errorAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? (value.stack ?? value.message) : value
}

export const silentLogger: Logger = { info() {}, warn() {}, error() {} }
