import type { TrafficSecrets } from '../contract/traffic.ts'
import { MASK, maskPath } from '../core/mask.ts'
import { isHostCookie, setCookieName } from '../edge/cookies.ts'
import type { RecordedExchange } from '../traffic/recorded-exchange.ts'

type Pair = [name: string, value: string]

/**
 * What is masked everywhere else, for somebody who asked for it. What would open the host itself stays masked here, too:
 * its cookies, its tokens, its one-time tokens (C51). They are of no use to whoever looks into an app's request.
 */
export function secretsOf(exchange: RecordedExchange, isHostToken: (token: string) => boolean): TrafficSecrets {
  const { rawRequestHeaders: raw } = exchange
  const request = raw.flatMap((name, at): Pair[] => (at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : []))
  const told = (pairs: Pair[]) => pairs.map(([name, value]): Pair => [name, told1(name, value, isHostToken)])
  return {
    path: withoutOneTimeTokens(exchange.rawPath),
    requestHeaders: told(request),
    responseHeaders: told(exchange.rawAnswerHeaders()),
  }
}

function told1(name: string, value: string, isHostToken: (token: string) => boolean): string {
  switch (name.toLowerCase()) {
    case 'cookie':
      return value.split(';').map(withoutHostCookie).join(';')
    case 'set-cookie':
      return isHostCookie(setCookieName(value)) ? value.replace(/=[^;]*/, `=${MASK}`) : value
    default:
      return withoutOneTimeTokens(withoutHostTokens(value, isHostToken))
  }
}

function withoutHostCookie(pair: string): string {
  const equals = pair.indexOf('=')
  const name = (equals === -1 ? pair : pair.slice(0, equals)).trim()
  return isHostCookie(name) ? ` ${name}=${MASK}`.slice(pair.startsWith(' ') ? 0 : 1) : pair
}

/** Whatever the header, and wherever in it: who holds such a token acts in its owner's name. */
function withoutHostTokens(value: string, isHostToken: (token: string) => boolean): string {
  return value.replace(/[^\s,;="'&?#]+/g, (part) => (isHostToken(part) ? MASK : part))
}

/** Where one is, also inside of another address, everything that looks like a secret goes with it. */
function withoutOneTimeTokens(text: string): string {
  return /\b(?:bst|ticket|nonce)(?:=|%)/i.test(text) ? maskPath(text) : text
}
