import { isHopByHop } from './hop-by-hop.ts'

/** What the rules say about a header of a request by its name alone, in the order in which they hold. */
export type RequestRule =
  | 'atek'
  | 'spelling'
  | 'forwarding'
  | 'hop'
  | 'cookie'
  | 'authorization'
  | 'length'
  /** Any other. */
  | 'pass'

export type AnswerRule = 'hop' | 'set-cookie' | 'alt-svc' | 'pass'

export interface NameFacts {
  lower: string
  /** As every server may read it: CGI, WSGI, PHP and others take `_` and `.` for `-`. */
  canonical: string
  request: RequestRule
  answer: AnswerRule
}

/** The same names come again and again, so what there is to say about them is kept by their spelling. */
const known = new Map<string, NameFacts>()
/** Callers choose names: what they choose must not fill the memory. */
const KNOWN_NAMES = 1000
const KNOWN_NAME_LENGTH = 64

export function nameFacts(name: string): NameFacts {
  const found = known.get(name)
  if (found !== undefined) return found
  const lower = name.toLowerCase()
  const canonical = lower.replace(ODD, '-')
  const facts = { lower, canonical, request: requestRule(lower, canonical), answer: answerRule(lower) }
  if (known.size < KNOWN_NAMES && name.length <= KNOWN_NAME_LENGTH) known.set(name, facts)
  return facts
}

/** Anything that is no letter, digit or hyphen. */
const ODD = /[^a-z0-9-]/g

function requestRule(lower: string, canonical: string): RequestRule {
  if (canonical.startsWith('atek-')) return 'atek'
  if (canonical !== lower && HOST_READS.has(canonical)) return 'spelling'
  if (canonical.startsWith('x-forwarded-') || FORWARDING.has(canonical)) return 'forwarding'
  if (isHopByHop(lower)) return 'hop'
  if (lower === 'cookie' || lower === 'authorization') return lower
  return lower === 'content-length' ? 'length' : 'pass'
}

function answerRule(lower: string): AnswerRule {
  if (isHopByHop(lower)) return 'hop'
  return lower === 'set-cookie' || lower === 'alt-svc' ? lower : 'pass'
}

/** Names that the host sets or reads on the way; a second spelling of one is never passed on. */
const HOST_READS = new Set([
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'host',
  'transfer-encoding',
  'upgrade',
])

/** Said by proxies about the client; ours are the only ones that an app may believe (A05). */
const FORWARDING = new Set([
  'forwarded',
  'forwarded-for',
  'x-forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'x-original-host',
  'true-client-ip',
  // The same in the words of services that stand before servers; an app that was once behind one may still read them.
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-pseudo-ipv4',
  'do-connecting-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-envoy-external-address',
  // Taken for the address that was called: it would lead an app elsewhere out of its path (C45, CVE-2018-14773).
  'x-original-uri',
  'x-original-url',
  'x-rewrite-url',
  // Becomes HTTP_PROXY where headers become variables (CVE-2016-5385).
  'proxy',
])
