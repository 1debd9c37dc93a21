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
