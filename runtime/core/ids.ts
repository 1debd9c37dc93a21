import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** The one source of randomness; tests may bring a seeded one. */
export type RandomBytes = (count: number) => Buffer
export const systemRandom: RandomBytes = randomBytes

/** Opaque identifier of a user or an app: 128 bits as 32 hex digits. Not a secret. */
export function newKey(random: RandomBytes): string {
  return random(16).toString('hex')
}

/** A secret: 256 bits as 43 characters that need no escaping in a cookie, URL or header (C04). */
export function newToken(random: RandomBytes): string {
  return random(32).toString('base64url')
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** Whether a text has a token's form; anything else is refused before it is hashed or looked up. */
export function isTokenForm(text: string): boolean {
  return TOKEN.test(text)
}

/** Refresh tokens say what they are, so that each is known for the host's own secret wherever it turns up (C51, A06). */
export const REFRESH_TOKEN = { prefix: 'atekr_', form: /^atekr_([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{43})$/ } as const

/**
 * Tokens are stored and looked up as SHA-256 only (C04). A look-up by hash needs no constant-time comparison: what a
 * guesser could time is the hash, which he cannot steer.
 */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

export function equalSecrets(a: string, b: string): boolean {
  const left = createHash('sha256').update(a).digest()
  const right = createHash('sha256').update(b).digest()
  return timingSafeEqual(left, right)
}
