import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'

/** Where systems keep the authorities that their administrators trust, as one file of PEM. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

let known: string[] | null = null

/**
 * The authorities whose certificates are believed: those that Node brings, and the system's own, so that a company's or
 * a person's own authority counts once the computer trusts it. There is no way around the check (C23).
 */
export function systemAuthorities(): string[] {
  known ??= [...rootCertificates, ...systemBundle()]
  return known
}

function systemBundle(): string[] {
  for (const file of BUNDLES) {
    try {
      return [readFileSync(file, 'utf8')]
    } catch {
      // Not this system's place for it.
    }
  }
  return []
}
