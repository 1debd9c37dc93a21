import { ajv } from '@atek-cloud/node-rpc'

/** Checks a value against a schema of a published package, as its own server would (`createServer`). */
export function expectToFit(schema: object, value: unknown): void {
  const validate = ajv.compile(schema)
  if (!validate(value)) throw new Error(`${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`)
}
