import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Storage } from '../../storage/storage.ts'

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

export interface Forgery {
  /** Over those of a good token. */
  header?: Record<string, unknown>
  payload?: Record<string, unknown>
  /** Claims to leave out. */
  without?: string[]
  /** Signs with this instead of the host's key; '' leaves the signature out. */
  key?: Buffer | ''
  hash?: 'sha256' | 'sha512'
}

/**
 * A copy of an access token with something changed, signed with the host's own key unless told: what is refused then is
 * refused for what it says, and not for its signature. The token must have been made on this storage.
 */
export function forgeToken(storage: Storage, token: string, { header, payload, without = [], key, hash }: Forgery) {
  const [head = '', body = ''] = token.split('.')
  const read = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>
  const claims = Object.entries({ ...read(body), ...payload }).filter(([name]) => !without.includes(name))
  const signed = `${part({ ...read(head), ...header })}.${part(Object.fromEntries(claims))}`
  if (key === '') return `${signed}.`
  return `${signed}.${createHmac(hash ?? 'sha256', key ?? hostKey(storage))
    .update(signed)
    .digest('base64url')}`
}

function hostKey(storage: Storage): Buffer {
  const stored = storage.settings.get('access-token-key', z.object({ secret: z.string() }))
  if (stored === null) throw new Error('No access token was made yet.')
  return Buffer.from(stored.secret, 'base64url')
}
