import type { z } from 'zod'
import { AppError } from './errors.ts'

/** Parses what came from outside, or throws BAD_INPUT with a sentence for a person and the field that it is about. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  // A record says "Invalid key" and keeps the key's own complaint inside.
  const inner = issue?.code === 'invalid_key' ? issue.issues[0] : undefined
  throw new AppError('BAD_INPUT', inner?.message ?? issue?.message ?? 'The input is not valid.', {
    field: issue?.path.map(String).join('.') ?? '',
  })
}
