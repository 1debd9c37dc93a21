import { z } from 'zod'
import { LIMITS } from './limits.ts'

/** What an identity header can tell an app about who calls (C23). */
export const IDENTITY_FACTS = ['user-key', 'username', 'email', 'role', 'service-key'] as const
export type IdentityFact = (typeof IDENTITY_FACTS)[number]

/**
 * Names that an app cannot choose, in lower case: they frame a message, concern one connection, carry credentials, say
 * where a request goes or comes from, or are read by browsers, caches and proxies on the way.
 */
const FORBIDDEN_NAMES =
  /^(?:atek(?:-.*)?|host|cookie2?|set-cookie2?|authorization|www-authenticate|authentication-info|proxy(?:-.*)?|connection|keep-alive|te|trailers?|transfer-encoding|upgrade|expect|http2-settings|content-.*|date|via|forwarded(?:-for)?|x-forwarded|x-forwarded-(?:for|host|proto|protocol|scheme|port|prefix|server|uri|method|ssl|by|path)|x-real-ip|x-client-ip|x-cluster-client-ip|x-original-.*|x-rewrite-url|x-http-method.*|x-method-override|true-client-ip|origin|referer|range|accept(?:-.*)?|access-control-.*|sec-.*|if-.*|user-agent|cache-control|pragma|last-event-id|alt-.*|max-forwards)$/

/** How every server may read a name: CGI, WSGI and PHP take `_`, `.` and others for `-`, and none minds the case. */
export function canonicalHeaderName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9-]/g, '-')
}

export const identityHeaderNameSchema = z
  .string()
  .max(64, 'A header name has 64 characters at most.')
  // Narrower than a token of RFC 9110: what is not a letter, digit or hyphen has a second reading.
  .regex(/^[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$/, 'A header name has letters, digits and hyphens only, like X-User-Email.')
  .refine((name) => !FORBIDDEN_NAMES.test(name.toLowerCase()), 'This header belongs to HTTP or to the host.')

/** What stands behind the @ of an e-mail-like value. */
const mailDomainSchema = z
  .string()
  .max(253, 'The part behind the @ has 253 characters at most.')
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    'Write the part behind the @, like example.org.',
  )

export const identityHeaderSchema = z.discriminatedUnion('fact', [
  z.strictObject({ name: identityHeaderNameSchema, fact: z.literal('email'), domain: mailDomainSchema }),
  z.strictObject({ name: identityHeaderNameSchema, fact: z.enum(['user-key', 'username', 'role', 'service-key']) }),
])
export type IdentityHeader = z.infer<typeof identityHeaderSchema>

export const identityHeadersSchema = z
  .array(identityHeaderSchema)
  .max(LIMITS.identityHeaders, `An app has ${LIMITS.identityHeaders} identity headers at most.`)
  .refine(
    (headers) => new Set(headers.map(({ name }) => canonicalHeaderName(name))).size === headers.length,
    'Two of these headers have the same name.',
  )

/** Origins, exact: `http://wiki.localhost:9000`. Nothing else is ever a return address of signing in there (A27). */
export const externalOriginsSchema = z
  .array(
    z
      .string()
      .max(300, 'An address has 300 characters at most.')
      .refine(isOrigin, 'Write an address like https://wiki.example.org, without a path.'),
  )
  .max(LIMITS.externalOrigins, `An app has ${LIMITS.externalOrigins} external addresses at most.`)

function isOrigin(text: string): boolean {
  // Names and numbers only: URL takes `;`, `,`, `'` and `*` in a host, which mean something in a content security policy,
  // where these addresses come to stand (C27).
  if (!/^https?:\/\/(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?$/.test(text) || !URL.canParse(text)) return false
  // What a browser calls it, to the letter: no default port, no capital letters.
  return new URL(text).origin === text
}
