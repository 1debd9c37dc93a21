import { newToken, type RandomBytes, REFRESH_TOKEN, tokenHash } from '../core/ids.ts'

const SERIES_BYTES = 16

/** A refresh token as it is stored: hashes of its two halves (see migration 0004). */
export interface RefreshHashes {
  series: string
  secret: string
}

/** `atekr_`, 128 bits that stay with the family, 256 bits that are new at each use. */
export function newRefreshToken(random: RandomBytes): { token: string; series: string; hashes: RefreshHashes } {
  const series = random(SERIES_BYTES).toString('base64url')
  return { series, ...nextRefreshToken(random, series) }
}

/** The next one of the same family. */
export function nextRefreshToken(random: RandomBytes, series: string): { token: string; hashes: RefreshHashes } {
  const secret = newToken(random)
  return {
    token: `${REFRESH_TOKEN.prefix}${series}${secret}`,
    hashes: { series: tokenHash(series), secret: tokenHash(secret) },
  }
}

/** null for anything that has not a refresh token's form. */
export function readRefreshToken(token: string): { series: string; hashes: RefreshHashes } | null {
  const found = REFRESH_TOKEN.form.exec(token)
  const [series, secret] = [found?.[1], found?.[2]]
  if (series === undefined || secret === undefined) return null
  return { series, hashes: { series: tokenHash(series), secret: tokenHash(secret) } }
}
