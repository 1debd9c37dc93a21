import { canonicalHeaderName, type IdentityHeader } from '../contract/identity-headers.ts'
import type { User } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'

/** Headers of an app's choosing, with what they say about one caller (C23). */
export interface ChosenHeaders {
  /** Canonical: no other spelling of these names may come from the caller. */
  names: ReadonlySet<string>
  list: readonly { name: string; value: string; what: string }[]
}

/** Whom the headers are about; `system` is the host itself. */
export type Described = Pick<User, 'key' | 'username' | 'role'>

const WHAT = {
  'user-key': 'The signed-in user’s key.',
  username: 'The signed-in user’s name.',
  email: 'The signed-in user’s name, written like an e-mail address.',
  role: 'The signed-in user’s role.',
  'service-key': 'The app’s own key.',
} as const

/** By record, which is replaced whenever something about the app changes. */
const namesOf = new WeakMap<AppRecord, ReadonlySet<string>>()

/** Null for an app that has chosen none, which is nearly every app. */
export function chosenHeaders(app: AppRecord, user: Described): ChosenHeaders | null {
  const { identityHeaders } = app
  if (identityHeaders.length === 0) return null
  let names = namesOf.get(app)
  if (names === undefined) {
    names = new Set(identityHeaders.map(({ name }) => canonicalHeaderName(name)))
    namesOf.set(app, names)
  }
  const list = identityHeaders.map((header) => ({
    name: header.name,
    value: identityValue(header, user, app.key),
    what: WHAT[header.fact],
  }))
  return { names, list }
}

/** The host itself, as an app is told of it. */
export const SYSTEM: Described = { key: 'system', username: 'system', role: 'admin' }

export function roleWord(role: User['role']): 'admin' | 'user' {
  return role === 'admin' ? 'admin' : 'user'
}

function identityValue(header: IdentityHeader, user: Described, serviceKey: string): string {
  switch (header.fact) {
    case 'user-key':
      return user.key
    case 'username':
      return headerText(user.username)
    case 'email':
      // A username may have an @ itself. Encoded, so that nobody can be given the name of somebody else: `eve@a.org`
      // would otherwise be the address of the user eve in the domain a.org.
      return `${headerText(user.username).replaceAll('@', '%40').replaceAll(' ', '%20')}@${header.domain}`
    case 'role':
      return roleWord(user.role)
    case 'service-key':
      return serviceKey
  }
}

/**
 * Text as a header's value: what is not printable ASCII, and `%` itself, percent-encoded as UTF-8. Raw bytes above ASCII
 * are read as latin1 by one server and as UTF-8 by the next (RFC 9110, 5.5); this every server reads the same, and
 * decodeURIComponent gives the text back. A line end can never be in it.
 */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]/gu, (char) =>
    encodeURIComponent(/\p{Surrogate}/u.test(char) ? '\ufffd' : char),
  )
}
