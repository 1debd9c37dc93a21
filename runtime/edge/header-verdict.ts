import type { NameFacts } from './header-names.ts'
import type { ChosenHeaders } from './identity-headers.ts'

type Verdict = NameFacts['request'] | 'chosen' | 'named'

/** What becomes of a header of the client's. @param named by its Connection header */
export function verdictOf(
  { lower, canonical, request }: NameFacts,
  chosen: ChosenHeaders | null,
  named: ReadonlySet<string> | null,
): Verdict {
  if (request === 'atek') return request
  // An app believes these as it believes Atek-Auth-User, so no spelling of them may come from the caller (C23).
  if (chosen?.names.has(canonical)) return 'chosen'
  if (request === 'spelling' || request === 'forwarding' || request === 'hop') return request
  // Named by Connection: the client's own only. What the host sets comes after and cannot be named away (A04).
  return named?.has(lower) ? 'named' : request
}
