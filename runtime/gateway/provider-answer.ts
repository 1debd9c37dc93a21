import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import { latin1 } from '../core/latin1.ts'
import { topMembers } from './top-members.ts'

/** The answer to the caller, its bytes as latin1; `error` is the number of the error that it is, if it is one. */
export interface PassedAnswer {
  bytes: string
  error: number | null
}

const MEMBERS = new Set(['jsonrpc', 'result', 'error'])
const errorSchema = z.object({ code: z.number().int(), message: z.string(), data: z.unknown().optional() })

/**
 * What an app answered, as the caller gets it: under the caller's own id, and with the result as the app wrote it. An
 * answer that is no JSON-RPC is APP_BAD_ANSWER: the caller must be able to tell the provider's fault from its own.
 * @param idText the caller's id as JSON, latin1
 * @param body its bytes as latin1
 */
export function providerAnswer(idText: string, notification: boolean, status: number, body: string): PassedAnswer {
  if (status < 200 || status > 299) throw bad(`with HTTP status ${status}`)
  // To a call without an id the specification wants no answer (JSON-RPC 2.0, section 4.1).
  if (notification && body.length === 0) return answer(idText, 'result', '0', null)
  const members = topMembers(body, MEMBERS)
  if (members === null) throw bad('with JSON that is nested too deeply')
  let text = body
  if (!members.ascii) {
    const bytes = Buffer.from(body, 'latin1')
    text = bytes.toString('utf8')
    // What is no text gets the mark for it, here and not differently in each caller.
    if (!isUtf8(bytes)) return providerAnswer(idText, notification, status, latin1(text))
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw bad('with something that is not JSON')
  }
  const { texts, twice } = members
  // Two results, of which nobody knows which one is meant; as with long answers.
  if (!isAnswer(json) || twice !== null) throw bad('with something that is not JSON-RPC')
  if (json.error === undefined) return answer(idText, 'result', texts.get('result') ?? '0', null)
  const error = errorSchema.safeParse(json.error)
  if (!error.success) throw bad('with something that is not JSON-RPC')
  const { code, message, data } = error.data
  const told = JSON.stringify({ code, message, ...(data !== undefined && { data }) })
  return answer(idText, 'error', latin1(told), code)
}

function isAnswer(json: unknown): json is { error?: unknown } {
  return typeof json === 'object' && json !== null && 'jsonrpc' in json && json.jsonrpc === '2.0'
}

function answer(idText: string, name: 'result' | 'error', value: string, error: number | null): PassedAnswer {
  return { bytes: `{"jsonrpc":"2.0","id":${idText},"${name}":${value}}`, error }
}

function bad(how: string): AppError {
  return new AppError('APP_BAD_ANSWER', `The app that provides this API answered ${how}.`)
}
