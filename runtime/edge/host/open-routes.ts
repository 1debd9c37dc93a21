import type { FastifyInstance } from 'fastify'
import { mayOpen } from '../../apps/app-rights.ts'
import { AppError } from '../../contract/errors.ts'
import { safePathOrRoot, withBindToken } from '../redirect.ts'
import { clientOf, type HostContext, hostCaller, recordRefusal, redirect, sendPage, signedIn } from './context.ts'
import { query, rememberBrowser, setSession } from './sign-in-routes.ts'

const NONCE_HASH = /^[0-9a-f]{64}$/

/** The two ways into an app that lead over the host: bind-session (C08) and the panel's "Open" (C15). */
export function openRoutes(app: FastifyInstance, context: HostContext): void {
  const { identity, apps, addresses, refusals } = context

  app.get('/_atek/bind-session', async (request, reply) => {
    const wanted = query(request)
    const id = wanted.get('service') ?? ''
    const path = safePathOrRoot(wanted.get('path'))
    const nonceHash = wanted.get('nonce') ?? ''
    const target = apps.byId(id)
    if (target === null) return sendPage(context, reply, refusals.notInstalled(id.slice(0, 63)), 404)
    // Not begun on the app's address: without the nonce nothing would tie the token to this browser (A28).
    if (!NONCE_HASH.test(nonceHash)) return redirect(reply, addresses.app(target.id) + path)

    // An address elsewhere: one that the app's settings list to the letter, or none (A27).
    const wantedAt = wanted.get('at')
    const at = target.externalOrigins.find((known) => known === wantedAt) ?? null
    if (wantedAt !== null && at === null) {
      const reason = 'The return address is none of those that the settings of the app list.'
      throw new AppError('BAD_REQUEST', 'This is no address at which this app can be opened.', { reason })
    }

    const caller = hostCaller(identity, request.raw.rawHeaders)
    if (caller === 'ambiguous') {
      reply.header('clear-site-data', '"cookies"')
      return sendPage(context, reply, refusals.twoSessions(null), 400)
    }
    if (caller === null) {
      const back = addresses.bindSession(target.id, path, nonceHash, at).slice(addresses.host.length)
      return redirect(reply, `${addresses.host}/_atek/login?redirect=${encodeURIComponent(back)}`)
    }
    if (!mayOpen(caller.user.key, target.owner)) {
      const reason = 'The app belongs to another user; no session with it was begun.'
      recordRefusal(context, request, { code: 'FORBIDDEN', reason, app: target, user: caller.user })
      return sendPage(context, reply, refusals.denied(target, caller.user.username), 403)
    }
    const token = identity.tickets.issueBind({ sessionId: caller.session.id, appKey: target.key, nonceHash })
    if (at !== null) {
      const parameters = new URLSearchParams({ service: target.id, at, to: path, bst: token })
      return redirect(reply, `${at}/_atek/auth/complete?${parameters}`)
    }
    return redirect(reply, addresses.app(target.id) + withBindToken(path, token))
  })

  app.get('/_atek/open', async (request, reply) => {
    const wanted = query(request)
    const target = apps.byId(wanted.get('service') ?? '')
    const to = target === null ? addresses.host : addresses.app(target.id)
    const path = safePathOrRoot(wanted.get('path'))
    const ticket = wanted.get('ticket') ?? ''
    // The panel's address is opened by the system, never from a page: a page that leads here carries somebody else's
    // ticket, to sign this browser in as them (A28).
    const site = request.headers['sec-fetch-site']
    const userKey = site === undefined || site === 'none' ? identity.tickets.redeemSignIn(ticket) : null
    if (userKey !== null && identity.users.get(userKey) !== null) {
      const before = signedIn(context, request)
      if (before?.user.key !== userKey) {
        if (before !== null) identity.sessions.end(userKey, before.session.id)
        setSession(reply, identity.sessions.issue(userKey, 'browser', clientOf(request)).token)
        rememberBrowser(context, request, reply, userKey)
      }
    }
    // Without a good ticket this is an address like any other: whoever is signed in goes on, others sign in.
    return redirect(reply, to + path)
  })
}
