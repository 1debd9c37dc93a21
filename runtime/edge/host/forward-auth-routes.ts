import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { mayOpen } from '../../apps/app-rights.ts'
import { appTitle } from '../../apps/app-title.ts'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import type { AuthHeaderLine, User } from '../../contract/models.ts'
import { isTokenForm, newToken, tokenHash } from '../../core/ids.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import { refusalBody } from '../answer.ts'
import { APP_COOKIE, BIND_COOKIE, clearCookie, cookieValues, setCookie, withoutHostCookies } from '../cookies.ts'
import { chosenHeaders, headerText, roleWord } from '../identity-headers.ts'
import { isPageLoad } from '../origin.ts'
import { safePathOrRoot } from '../redirect.ts'
import { checkRate, type HostContext, redirect, sendPage } from './context.ts'
import { type AskedRequest, askedRequest, forwardAuthCaller, type NotAllowed } from './forward-auth-caller.ts'
import { ForwardAuthRecord } from './forward-auth-record.ts'
import { query } from './sign-in-routes.ts'

export const VALIDATE_PATH = '/_atek/auth/validate'

/** Seconds: to find the password and sign in. */
const NONCE_LIFE = 3600
const COOKIE_LIFE = LIMITS.sessionAbsolute / 1000

/**
 * For other proxies that serve an app under an address of its own (C24): `validate` is what they ask with each request;
 * `begin` and `complete` are passed on by them from that address, and lead a browser there to a session, in the same
 * steps as at the app's own address (C08, bind.ts).
 */
export function forwardAuthRoutes(app: FastifyInstance, context: HostContext): void {
  const { identity, apps, addresses, random } = context
  const record = new ForwardAuthRecord(context)

  app.get(VALIDATE_PATH, async (request, reply) => {
    const { rawHeaders } = request.raw
    const wanted = query(request)
    const id = wanted.get('service')
    const target = id === null ? null : apps.byId(id)
    const asked = askedRequest(rawHeaders)
    const caller = await forwardAuthCaller(context, rawHeaders, target, asked)
    const user = 'key' in caller ? caller : null
    checkRate(context, 'app', user?.key ?? null, request.ip)
    const refused = 'key' in caller ? noAccess(id, target, caller) : caller
    const given = refused === null && user !== null ? identityHeaders(user, target) : []
    record.add({ rawHeaders, app: target, user, asked, refused, lines: given.map(injected) })
    if (refused !== null) return refuse(request, reply, refused, target, asked)
    for (const { name, value } of given) reply.header(name, value)
    // What the app may see of the cookies: without the host's (A06). A proxy puts this in the place of the caller's.
    reply.header('Cookie', ownCookies(rawHeaders))
    return reply.code(200).send()
  })

  const refuse = (
    request: FastifyRequest,
    reply: FastifyReply,
    refused: NotAllowed,
    target: AppRecord | null,
    asked: AskedRequest,
  ) => {
    const begin = refused.status === 401 ? signInAddress(request, target, asked) : null
    if (begin !== null) {
      // Proxies that pass this answer on to the browser say so; nginx cannot, and reads the header.
      if (query(request).get('sign-in') === 'redirect') return redirect(reply, begin)
      reply.header('Atek-Sign-In', begin)
    }
    return reply.code(refused.status).send(refusalBody(refused))
  }

  /** The external address of this request, if it is one that the app's settings list to the letter (A27). */
  const listed = (target: AppRecord, origin: string | null) =>
    target.externalOrigins.find((known) => known === origin) ?? null

  const signInAddress = (request: FastifyRequest, target: AppRecord | null, asked: AskedRequest): string | null => {
    const at = target === null ? null : listed(target, asked.origin)
    if (target === null || at === null || !isPageLoad(asked.method ?? 'GET', request.headers.accept)) return null
    return `${at}/_atek/auth/begin?${new URLSearchParams({ service: target.id, at, to: safePathOrRoot(asked.uri) })}`
  }

  /** The app and the listed address in a request of ours; a page and null when one of them is wrong. */
  const place = (request: FastifyRequest) => {
    const wanted = query(request)
    const target = apps.byId(wanted.get('service') ?? '')
    const at = target === null ? null : listed(target, wanted.get('at'))
    if (target === null || at === null) {
      const reason = 'The address is none of those that the settings of the app list.'
      throw new AppError('BAD_REQUEST', 'This is no address at which this app can be opened.', { reason })
    }
    return { target, at, to: safePathOrRoot(wanted.get('to')), secure: at.startsWith('https:') }
  }

  app.get('/_atek/auth/begin', async (request, reply) => {
    const { target, at, to, secure } = place(request)
    // Kept when there is one: two tabs that open at once would otherwise take each other's away.
    const nonce = nonceOf(request) ?? newToken(random)
    reply.header('set-cookie', setCookie(BIND_COOKIE, nonce, { secure, maxAge: NONCE_LIFE }))
    return redirect(reply, addresses.bindSession(target.id, to, tokenHash(nonce), at))
  })

  app.get('/_atek/auth/complete', async (request, reply) => {
    const { target, to, secure } = place(request)
    const nonce = nonceOf(request)
    const bound = identity.tickets.redeemBind(query(request).get('bst') ?? '', {
      appKey: target.key,
      nonceHash: nonce === null ? '' : tokenHash(nonce),
    })
    if (bound === null && nonce === null) {
      // Somebody else's link (A28), or cookies are off: sending it round again could go on for ever.
      return sendPage(context, reply, context.refusals.usedLink(target, to), 401)
    }
    if (bound !== null) {
      const cookie = issue(bound.sessionId, target.key)
      if (cookie !== null) {
        const kept = setCookie(APP_COOKIE, cookie, { secure, maxAge: COOKIE_LIFE })
        reply.header('set-cookie', [kept, clearCookie(BIND_COOKIE, { secure })])
      }
    }
    // A path alone: it leads nowhere but where the browser is.
    return redirect(reply, to)
  })

  const issue = (sessionId: string, appKey: string): string | null => {
    try {
      return identity.appSessions.issue(sessionId, appKey)
    } catch (error) {
      if (error instanceof AppError && error.code === 'NOT_SIGNED_IN') return null
      throw error
    }
  }
}

/** null when this person may have this app. */
function noAccess(id: string | null, target: AppRecord | null, user: User): NotAllowed | null {
  if (id === null) return null
  if (target === null) {
    const reason = `No app has the ID "${id.slice(0, LIMITS.appIdLength)}".`
    return { code: 'APP_NOT_INSTALLED', status: 403, message: 'There is no such app.', reason }
  }
  if (!mayOpen(user.key, target.owner)) {
    const reason = 'The app belongs to another user.'
    return { code: 'FORBIDDEN', status: 403, message: 'You may not open this app.', reason }
  }
  if (!target.enabled) {
    const reason = 'The app was stopped.'
    return { code: 'APP_STOPPED', status: 403, message: `${appTitle(target)} is stopped.`, reason }
  }
  return null
}

interface Given {
  name: string
  value: string
  what: string
  label: string | null
}

/** What a proxy is told, and passes on. The app's own choice wins over the usual names. */
function identityHeaders(user: User, target: AppRecord | null): Given[] {
  const username = headerText(user.username)
  const given: Given[] = [
    { name: 'Atek-Auth-User', value: user.key, what: 'The signed-in user.', label: user.username },
    { name: 'Remote-User', value: username, what: 'The signed-in user’s name.', label: null },
    { name: 'Remote-Name', value: username, what: 'The signed-in user’s name.', label: null },
    { name: 'Remote-Groups', value: roleWord(user.role), what: 'The signed-in user’s role.', label: null },
  ]
  if (target === null) return given
  const what = 'The app that is asked for.'
  given.push({ name: 'Atek-Auth-Service', value: target.key, what, label: appTitle(target) })
  const chosen = chosenHeaders(target, user)
  if (chosen === null) return given
  const usual = given.filter(({ name }) => !chosen.names.has(name.toLowerCase()))
  return [...usual, ...chosen.list.map((header) => ({ ...header, label: null }))]
}

function injected({ name, value, what, label }: Given): AuthHeaderLine {
  return { name, sent: null, received: value, action: 'injected', reason: `${what} Told to the proxy.`, label }
}

function ownCookies(rawHeaders: readonly string[]): string {
  const lines = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'cookie')
  return lines.flatMap((line) => withoutHostCookies(line).kept ?? []).join('; ')
}

/** The browser's nonce; null when it has none, or two. */
function nonceOf(request: FastifyRequest): string | null {
  const [nonce, ...others] = cookieValues(request.raw.rawHeaders, BIND_COOKIE)
  return nonce !== undefined && others.length === 0 && isTokenForm(nonce) ? nonce : null
}
