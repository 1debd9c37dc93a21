import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Holder, mayManage, mayOpen } from '../../apps/app-rights.ts'
import { appTitle } from '../../apps/app-title.ts'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { APPS_PATH } from '../addresses.ts'
import { safePathOrRoot } from '../redirect.ts'
import { appOnPage, type HostCaller, type HostContext, redirect, sendPage, signedIn } from './context.ts'
import { query, refuseForeign } from './sign-in-routes.ts'

const YEAR = 365 * 24 * 3600

/** The signed-in person's apps, starting a stopped one, and the stylesheet of all pages. */
export function homeRoutes(app: FastifyInstance, context: HostContext): void {
  const { identity, apps, addresses, pages, refusals } = context

  app.get('/', async (request, reply) => {
    const caller = signedIn(context, request)
    if (caller === null) return redirect(reply, `${addresses.host}/_atek/login`)
    const mainKey = identity.userSettings.mainApp(caller.user.key)
    const main = mainKey === null ? null : apps.get(mainKey)
    // Asked at each visit: what was theirs when they chose it may be so no longer (A07).
    if (main !== null && mayOpen(caller.user.key, main.owner)) return redirect(reply, `${addresses.app(main.id)}/`)
    return sendHome(caller, reply)
  })

  // The list of apps, also for people whose root is one app.
  app.get(APPS_PATH, async (request, reply) => {
    const caller = signedIn(context, request)
    if (caller === null)
      return redirect(reply, `${addresses.host}/_atek/login?redirect=${encodeURIComponent(APPS_PATH)}`)
    return sendHome(caller, reply)
  })

  const sendHome = (caller: HostCaller, reply: FastifyReply) => {
    const mine = apps.list().filter((record) => mayOpen(caller.user.key, record.owner))
    return sendPage(context, reply, {
      page: 'home',
      username: caller.user.username,
      apps: mine
        .map((record) => ({
          ...appOnPage(context, record),
          description: record.manifest.description ?? '',
          address: addresses.app(record.id),
          state: apps.state(record.key).state,
        }))
        .sort((a, b) => a.title.localeCompare(b.title)),
    })
  }

  app.get<{ Params: { name: string } }>('/_atek/:name', async (request, reply) => {
    const css = await pages.stylesheet(request.params.name)
    if (css === null) return reply.callNotFound()
    // Also for pages that stand in for an app, on the app's origin.
    reply.header('cross-origin-resource-policy', 'cross-origin')
    return reply.header('cache-control', `public, max-age=${YEAR}, immutable`).type('text/css; charset=utf-8').send(css)
  })

  app.get<{ Params: { id: string } }>('/_atek/apps/:id/start', async (request, reply) => {
    const { id } = request.params
    const path = safePathOrRoot(query(request).get('path'))
    const here = `/_atek/apps/${encodeURIComponent(id)}/start?path=${encodeURIComponent(path)}`
    const caller = signedIn(context, request)
    if (caller === null) return redirect(reply, `${addresses.host}/_atek/login?redirect=${encodeURIComponent(here)}`)
    const target = apps.byId(id)
    if (target === null) return sendPage(context, reply, refusals.notInstalled(id.slice(0, LIMITS.appIdLength)), 404)
    if (!mayOpen(caller.user.key, target.owner)) {
      return sendPage(context, reply, refusals.denied(target, caller.user.username), 403)
    }
    if (apps.state(target.key).state === 'running') return redirect(reply, addresses.app(target.id) + path)
    const page = refusals.stopped(target, path, mayManage(holder(caller.user), target.owner))
    page.actions = page.actions.map((action) =>
      'href' in action && action.href.endsWith(here) ? { label: `Start ${appTitle(target)}`, postTo: here } : action,
    )
    return sendPage(context, reply, page)
  })

  app.post<{ Params: { id: string } }>('/_atek/apps/:id/start', async (request, reply) => {
    refuseForeign(request)
    const { id } = request.params
    const caller = signedIn(context, request)
    if (caller === null) throw new AppError('NOT_SIGNED_IN', 'You are not signed in.')
    const target = apps.byId(id)
    if (target === null) return sendPage(context, reply, refusals.notInstalled(id.slice(0, LIMITS.appIdLength)), 404)
    // An administrator manages others' apps in the panel; from a browser there would be nothing to see.
    if (!mayOpen(caller.user.key, target.owner) || !mayManage(holder(caller.user), target.owner))
      throw new AppError('FORBIDDEN', 'You may not start this app.')
    try {
      await apps.start(caller.user.key, target.key)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const lines = target.owner === caller.user.key ? (apps.state(target.key).crash?.lastLines ?? []) : []
      return sendPage(context, reply, refusals.startFailed(target, error.message, lines), error.status)
    }
    return redirect(reply, addresses.app(target.id) + safePathOrRoot(query(request).get('path')))
  })
}

function holder(user: { key: string; role: string }): Holder {
  return { key: user.key, admin: user.role === 'admin' }
}
