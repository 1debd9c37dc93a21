import type { AuditRecord } from '../storage/audit-table.ts'

/** A person's or an app's name now; null when it is gone. */
export type Names = (key: string) => string | null

/** The row as a sentence: "alice installed Notes for everyone". */
export function sentence(row: AuditRecord, names: Names): string {
  const write = SENTENCES[row.action]
  // An action that a later version recorded: its dotted name is better than nothing.
  if (write === undefined) return `${person(row.actor, names)}: ${row.action}`
  const text = write(words(row, names))
  if (row.outcome === 'ok' || SAY_IT_THEMSELVES.has(row.action)) return text
  return `${text} — ${row.outcome === 'refused' ? 'refused' : 'failed'}`
}

/** Their sentences tell the outcome. */
const SAY_IT_THEMSELVES = new Set(['session.sign-in-failed', 'token.refresh-reused'])

interface Words {
  actor: string
  /** The subject as a person. */
  user: string
  /** The subject as an app. */
  app: string
  /** The subject as whose a database is: an app, or a person without one. */
  holder: string
  /** Whether the actor did it to themselves. */
  own: boolean
  detail(name: string): string | null
  /** The person or app whose key the detail is. */
  named(detail: string): string | null
  owner: string
}

const SENTENCES: Record<string, (w: Words) => string> = {
  'user.create': (w) =>
    w.own
      ? `${w.user} created the first account`
      : `${w.actor} added ${w.user}${w.detail('role') === 'admin' ? ' as an administrator' : ''}`,
  'user.update': (w) => {
    const role = w.detail('role')
    if (role === 'admin') return `${w.actor} made ${w.user} an administrator`
    if (role === '') return `${w.actor} took the administrator role from ${w.user}`
    return `${w.actor} renamed ${w.own ? 'themselves' : w.user}`
  },
  'user.delete': (w) => `${w.actor} deleted ${w.user}`,
  'user.password-reset': (w) => `${w.actor} reset the password of ${w.user}`,
  'user.password-change': (w) => `${w.actor} changed their password`,
  'user.main-app': (w) => `${w.actor} changed the main app of ${w.own ? 'themselves' : w.user}`,
  'session.sign-in': (w) => `${w.user} signed in${from(w)}`,
  'session.sign-in-failed': (w) => `Somebody failed to sign in as ${w.user}${from(w)}`,
  'session.sign-out': (w) => (w.own ? `${w.actor} signed out${from(w)}` : `${w.actor} ended a session of ${w.user}`),
  'session.end-all': (w) => (w.own ? `${w.actor} signed out everywhere` : `${w.actor} signed ${w.user} out everywhere`),
  'token.create': (w) => `${w.actor} made the API token ${named(w)}`,
  'token.end': (w) => `${w.actor} ended ${w.own ? 'the' : `${w.user}’s`} API token ${named(w)}`,
  'token.refresh-reused': (w) =>
    `The API token ${named(w)} of ${w.user} ended, because a refresh token of it was used twice`,
  'app.install': (w) => `${w.actor} installed ${w.app} for ${w.owner}`,
  'app.uninstall': (w) => `${w.actor} uninstalled ${w.app}`,
  'app.update': (w) => {
    const to = w.detail('to')
    return `${w.actor} updated ${w.app}${to === null ? '' : ` to ${to}`}`
  },
  'app.configure': (w) => `${w.actor} changed the settings of ${w.app}`,
  'app.start': (w) => `${w.actor} started ${w.app}`,
  'app.stop': (w) => `${w.actor} stopped ${w.app}`,
  'app.restart': (w) => `${w.actor} restarted ${w.app}`,
  'app.crash': (w) => `${w.app} crashed`,
  'database.create': (w) => `${w.actor} made a database for ${w.holder}`,
  'database.configure': (w) => `${w.actor} changed the settings of a database of ${w.holder}`,
  'database.give': (w) => `${w.actor} gave a database to ${w.holder}`,
  'database.delete': (w) => `${w.actor} deleted a database of ${w.holder}`,
  'settings.update': (w) => `${w.actor} changed the settings of the host`,
  'traffic.capture': (w) =>
    `${w.actor} ${w.detail('bodies') === 'kept' ? 'began' : 'stopped'} keeping bodies of requests to ${w.app}`,
  'traffic.capture-limit': (w) => `${w.actor} changed how much of a body is kept`,
  'traffic.reveal': (w) => `${w.actor} looked at the secrets of a request${to(w)}`,
  'traffic.export': (w) =>
    `${w.actor} exported recorded requests${w.detail('headers') === 'whole' ? ' with their secrets' : ''}`,
  'traffic.replay': (w) => {
    const as = w.named('as')
    return `${w.actor} made a ${w.detail('method')} request${to(w)} again${as === null ? '' : ` as ${as}`}`
  },
  'traffic.clear': (w) => `${w.actor} cleared the recorded requests`,
  'host.start': () => 'Atek started',
}

function words(row: AuditRecord, names: Names): Words {
  const detail = (name: string) => {
    const value = row.details[name]
    return typeof value === 'string' ? value : null
  }
  const owner = detail('owner')
  const app =
    row.subject === null
      ? 'an app'
      : (names(row.subject) ?? detail('title') ?? detail('id') ?? gone('app', row.subject))
  return {
    actor: person(row.actor, names),
    user: row.subject === null ? 'an unknown user' : person(row.subject, names),
    app,
    holder: row.subject === 'system' ? 'Atek' : row.subject === row.actor ? 'themselves' : app,
    own: row.actor === row.subject,
    detail,
    named: (name) => {
      const key = detail(name)
      return key === null ? null : (names(key) ?? gone('user', key))
    },
    owner:
      owner === null || owner === 'system' ? 'everyone' : owner === row.actor ? 'themselves' : person(owner, names),
  }
}

function person(key: string, names: Names): string {
  if (key === 'system') return 'Atek'
  if (key === 'unknown') return 'Somebody'
  return names(key) ?? gone('user', key)
}

function to(w: Words): string {
  const app = w.detail('to')
  return app === null ? '' : ` to ${app}`
}

function from(w: Words): string {
  const client = w.detail('client')
  return client === null ? '' : ` with ${client}`
}

function named(w: Words): string {
  return `“${w.detail('name') ?? ''}”`
}

/** Enough of the key to tell two of them apart. */
function gone(what: string, key: string): string {
  return `a deleted ${what} (${key.slice(0, 8)})`
}
