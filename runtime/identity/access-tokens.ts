import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { LIMITS } from '../contract/limits.ts'
import { keySchema, type TokenType, tokenTypeSchema } from '../contract/schemas.ts'
import type { Clock } from '../core/clock.ts'
import { newKey, type RandomBytes } from '../core/ids.ts'
import type { SigningKey } from './signing-key.ts'

/** What an access token says, its signature and its times checked. Whether its family still stands is asked apart. */
export interface AccessClaims {
  userKey: string
  /** Of the family: ApiTokens knows it. */
  tokenId: string
  tokenType: TokenType
}

const ISSUER = 'atek'
const AUDIENCE = 'atek'
/** The only algorithm; what a token's header says about it is compared and never followed (RFC 8725, 3.1). */
const ALGORITHM = 'HS256'
/** RFC 9068, 2.1: told apart from every other JWT by its type. */
const TYPE = 'at+jwt'
/** Of each JWT: `{"` in base64url. */
const BEGINNING = 'eyJ'
const LIFE = LIMITS.accessTokenLife / 1000

const claimsSchema = z
  .object({
    aud: z.literal(AUDIENCE),
    sub: keySchema,
    sid: keySchema,
    token_type: tokenTypeSchema,
    iat: z.number().int(),
    exp: z.number().int(),
  })
  // However the key came to sign it: no access token lives longer than they all do.
  .refine(({ iat, exp }) => exp - iat <= LIFE)

/** Access tokens (C05): signed JWTs in the form of RFC 9068 that live LIMITS.accessTokenLife. */
export class AccessTokens {
  readonly #clock: Clock
  readonly #random: RandomBytes
  readonly #key: SigningKey

  constructor(deps: { clock: Clock; random: RandomBytes; key: SigningKey }) {
    this.#clock = deps.clock
    this.#random = deps.random
    this.#key = deps.key
  }

  /** @returns the token, and its life in seconds */
  async issue({ userKey, tokenId, tokenType }: AccessClaims): Promise<{ token: string; expiresIn: number }> {
    const { id, key } = this.#key.get()
    const now = Math.floor(this.#clock.now() / 1000)
    const token = await new SignJWT({ sid: tokenId, token_type: tokenType })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: id })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(userKey)
      .setJti(newKey(this.#random))
      .setIssuedAt(now)
      .setExpirationTime(now + LIFE)
      .sign(key)
    return { token, expiresIn: LIFE }
  }

  /** Whether `verify` has to be asked: for everything else it has nothing but null to say. */
  hasForm(token: string): boolean {
    return token.startsWith(BEGINNING)
  }

  /** null for everything that is not an access token of this host in its time; never throws for what is in it. */
  async verify(token: string): Promise<AccessClaims | null> {
    const current = this.#key.current()
    // Before anything is decoded: a caller says how long a token is (A13).
    if (current === null || token.length > LIMITS.accessTokenLength || this.#keyId(token) !== current.id) return null
    try {
      const { payload } = await jwtVerify(token, current.key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'iat', 'sub', 'jti', 'sid', 'token_type'],
        currentDate: new Date(this.#clock.now()),
      })
      const claims = claimsSchema.safeParse(payload)
      if (!claims.success) return null
      const { sub, sid, token_type } = claims.data
      return { userKey: sub, tokenId: sid, tokenType: token_type }
    } catch {
      return null
    }
  }

  /**
   * Whether it names this host's key. For what must not be passed on: also once its time is over, and without the cost
   * of a signature for each foreign token on the way to an app (A06).
   */
  isOurs(token: string): boolean {
    const current = this.#key.current()
    return current !== null && this.#keyId(token) === current.id
  }

  #keyId(token: string): string | null {
    if (!this.hasForm(token)) return null
    try {
      return decodeProtectedHeader(token).kid ?? null
    } catch {
      return null
    }
  }
}
