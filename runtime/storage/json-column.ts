import { z } from 'zod'

/** A TEXT column that holds JSON of a known form. */
export function jsonColumn<S extends z.ZodType>(schema: S) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch {
        context.addIssue('This is not JSON.')
        return z.NEVER
      }
    })
    .pipe(schema)
}
