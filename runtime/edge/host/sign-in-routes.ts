import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { passwordInputSchema } from '../../contract/schemas.ts'
import { clearCookie, cookieValues, KNOWN_COOKIE, SESSION_COOKIE, setCookie } from '../cookies.ts'
import { safePathOrRoot } from '../redirect.ts'
import {
  appOnPage,
  clientOf,
  foreignRequest,
  type HostContext,
  redirect,
  sendPage,
  setRetryAfter,
  signedIn,
} from './context.ts'

const COOKIE_LIFE = LIMITS.sessionAbsolute / 1000

/** Signing in and out in a browser. */
export function signInRoutes(app: FastifyInstance, context: HostContext): void {
  const { identity, addresses } = context

  app.get('/_atek/login', async (request, reply) => {
    const target = redirectTarget(query(request).get('redirect'))
    if (signedIn(context, request) !== null) return redirect(reply, addresses.host + target)
    return signInPage(context, reply, { target })
  })

  app.post('/_atek/login', async (request, reply) => {
    // Signing a foreign browser in as oneself is an attack, too: what its owner then enters is the attacker's (A28).
    refuseForeign(request)
    const form = formOf(request)
    const target = redirectTarget(form.get('redirect'))
    const username = (form.get('username') ?? '').trim().slice(0, LIMITS.usernameLength)
    const password = passwordInputSchema.safeParse(form.get('password') ?? '')
    if (username === '' || !password.success) {
      const error = 'Enter your username and your password.'
      return signInPage(context, reply, { target, username, error, status: 400 })
    }
    const before = signedIn(context, request)
    try {
      const { user, token } = await identity.signIn({
        username,
        password: password.data,
        address: request.ip,
        client: clientOf(request),
        kind: 'browser',
        browser: knownCookie(request),
      })
      // What was open in this browser ends, and with it its app sessions: they would go on as the person before.
      if (before !== null) identity.sessions.end(user.key, before.session.id)
      setSession(reply, token)
      rememberBrowser(context, request, reply, user.key)
      return redirect(reply, addresses.host + target)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      setRetryAfter(reply, error.toData())
      return signInPage(context, reply, { target, username, error: error.message, status: error.status })
    }
  })

  app.post('/_atek/logout', async (request, reply) => {
    refuseForeign(request)
    const caller = signedIn(context, request)
    if (caller !== null) identity.sessions.end(caller.user.key, caller.session.id)
    reply.header('set-cookie', clearCookie(SESSION_COOKIE, { secure: false }))
    return redirect(reply, `${addresses.host}/_atek/login`)
  })
}

export function setSession(reply: FastifyReply, token: string): void {
  reply.header('set-cookie', sessionCookie(token))
}

/** Value of a Set-Cookie header. */
export function sessionCookie(token: string): string {
  return setCookie(SESSION_COOKIE, token, { secure: false, maxAge: COOKIE_LIFE })
}

/** From now on this browser's slips are counted by themselves when this person signs in (A26). */
export function rememberBrowser(
  { identity }: HostContext,
  request: FastifyRequest,
  reply: FastifyReply,
  userKey: string,
): void {
  const value = identity.knownBrowsers.remember(knownCookie(request), userKey)
  const maxAge = LIMITS.knownBrowserLife / 1000
  reply.header('set-cookie', setCookie(KNOWN_COOKIE, value, { secure: false, maxAge }))
}

/** Empty when there is none, or two: nothing tells which is ours (A24). */
function knownCookie(request: FastifyRequest): string {
  const [value = '', ...others] = cookieValues(request.raw.rawHeaders, KNOWN_COOKIE)
  return others.length === 0 ? value : ''
}

export function query(request: FastifyRequest): URLSearchParams {
  const url = request.raw.url ?? ''
  const question = url.indexOf('?')
  return new URLSearchParams(question === -1 ? '' : url.slice(question + 1))
}

/** AppError FOREIGN_ORIGIN unless the request comes from one of our own pages. */
export function refuseForeign(request: FastifyRequest): void {
  const reason = foreignRequest(request)
  if (reason === null) return
  throw new AppError('FOREIGN_ORIGIN', 'This request comes from a page of another site.', { reason })
}

/** A form's fields; bytes that are no form have none. */
export function formOf(request: FastifyRequest): URLSearchParams {
  const { body } = request
  return new URLSearchParams(Buffer.isBuffer(body) ? body.toString('utf8') : '')
}

/** Where to go on after signing in: a path of the host's, and not the sign-in page again. */
function redirectTarget(text: string | null): string {
  const path = safePathOrRoot(text)
  return path.startsWith('/_atek/login') ? '/' : path
}

interface SignInPage {
  target: string
  username?: string
  error?: string
  status?: number
}

function signInPage(context: HostContext, reply: FastifyReply, page: SignInPage): Promise<FastifyReply> {
  const wanted = /^\/_atek\/bind-session\?(.*)$/.exec(page.target)?.[1]
  const id = wanted === undefined ? null : new URLSearchParams(wanted).get('service')
  const app = id === null ? null : context.apps.byId(id)
  const at = wanted === undefined ? null : new URLSearchParams(wanted).get('at')
  if (at !== null && app?.externalOrigins.includes(at) === true) mayLeadTo(reply, at)
  return sendPage(
    context,
    reply,
    {
      page: 'sign-in',
      redirect: page.target,
      username: page.username ?? '',
      error: page.error ?? null,
      app: app === null ? null : appOnPage(context, app),
      needsFirstUser: context.identity.needsFirstUser(),
    },
    page.status ?? 200,
  )
}

/** Browsers hold a form's redirects to the page's own policy, too: signing in may lead to this address besides (C24). */
function mayLeadTo(reply: FastifyReply, origin: string): void {
  const policy = reply.raw.getHeader('content-security-policy') ?? reply.getHeader('content-security-policy')
  if (typeof policy !== 'string') return
  reply.header('content-security-policy', policy.replace('form-action ', `form-action ${origin} `))
}
