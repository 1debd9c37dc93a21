import type { FastifyHelmetOptions } from '@fastify/helmet'
import type { Addresses } from '../addresses.ts'

/**
 * Headers on everything that the host itself answers with (C27). The pages have no script at all, so none is allowed.
 */
export function securityHeaders(addresses: Addresses): FastifyHelmetOptions {
  return {
    global: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [() => addresses.host],
        imgSrc: ["'self'", 'data:'],
        // A form's target and whatever that redirects to: signing in leads on to the app that was asked for.
        formAction: ["'self'", () => addresses.host, () => `http://*.${addresses.domain}:${addresses.port}`],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    // Only over TLS; on plain HTTP browsers ignore it, and it would bind other servers of this name.
    strictTransportSecurity: false,
    // Not no-referrer: with that, browsers send `Origin: null` with our own forms, and they could not be told from
    // those of a foreign page.
    referrerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  }
}

export const PERMISSIONS_POLICY =
  'camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=(), clipboard-read=()'

/**
 * The same headers for JSON answers that are written without helmet, which takes longer to make them each time than a
 * call takes. That they are the same is tested, header by header.
 */
export function jsonAnswerHeaders(addresses: Addresses): readonly string[] {
  const known = made.get(addresses)
  if (known !== undefined && known.port === addresses.port) return known.headers
  const { host, domain, port } = addresses
  const policy = [
    "default-src 'none'",
    `style-src ${host}`,
    "img-src 'self' data:",
    `form-action 'self' ${host} http://*.${domain}:${port}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  const headers = Object.entries({
    'Content-Security-Policy': policy.join(';'),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Origin-Agent-Cluster': '?1',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-DNS-Prefetch-Control': 'off',
    'X-Download-Options': 'noopen',
    'X-Frame-Options': 'DENY',
    'X-Permitted-Cross-Domain-Policies': 'none',
    'X-XSS-Protection': '0',
    'Permissions-Policy': PERMISSIONS_POLICY,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
  }).flat()
  made.set(addresses, { port, headers })
  return headers
}

/** The port is known once the listener listens. */
const made = new WeakMap<Addresses, { port: number; headers: readonly string[] }>()
