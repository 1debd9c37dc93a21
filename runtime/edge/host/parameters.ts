import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'

const jsonSchema = z.record(z.string(), z.unknown())

/**
 * The parameters of a form or a JSON object. One without a value counts as left out, one that comes twice is refused:
 * two readers could take either (RFC 6749, 3.2). BAD_INPUT also for other content types, text/plain among them, which
 * a foreign page's form may send (A25).
 */
export function readParameters(request: FastifyRequest): Map<string, string> {
  const text = bodyOf(request)
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  const parameters = new Map<string, string>()
  for (const [name, value] of type === 'application/json' ? fromJson(text) : fromForm(text, type)) {
    if (parameters.has(name)) throw new AppError('BAD_INPUT', 'A parameter comes twice.')
    if (value !== '') parameters.set(name, value)
  }
  return parameters
}

function fromJson(text: string): [string, string][] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new AppError('BAD_INPUT', 'The body is not valid JSON.')
  }
  const parsed = jsonSchema.safeParse(json)
  if (!parsed.success) throw new AppError('BAD_INPUT', 'The body is not a JSON object.')
  return Object.entries(parsed.data).map(([name, value]) => {
    if (typeof value !== 'string') throw new AppError('BAD_INPUT', 'Every parameter is a text.')
    return [name, value]
  })
}

function fromForm(text: string, type: string | undefined): Iterable<[string, string]> {
  if (type === 'application/x-www-form-urlencoded') return new URLSearchParams(text)
  throw new AppError('BAD_INPUT', 'Send application/json or application/x-www-form-urlencoded.')
}

function bodyOf({ body }: FastifyRequest): string {
  return Buffer.isBuffer(body) ? body.toString('utf8') : ''
}
