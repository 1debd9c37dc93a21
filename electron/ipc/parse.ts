import { AppError } from '../../runtime/contract/errors.ts'
import { LIMITS } from '../../runtime/contract/limits.ts'

/**
 * Reads an input that crossed IPC as JSON text (A60). Its length is looked at before it is parsed; `__proto__` becomes
 * an own key in JSON.parse, harmless by itself but not when somebody copies it on, so it is refused by name.
 */
export function parseIpcText(text: unknown): unknown {
  if (typeof text !== 'string') throw new AppError('BAD_INPUT', 'The input is not JSON text.')
  if (text.length > LIMITS.ipcBytes) throw new AppError('TOO_LARGE', 'The input is too large.')
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (key === '__proto__' || key === 'constructor' || key === 'prototype') throw new Error('prototype key')
      return value
    })
  } catch {
    throw new AppError('BAD_INPUT', 'The input is not valid JSON.')
  }
}
