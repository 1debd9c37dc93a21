import { z } from 'zod'
import type { AuditLog } from '../audit/audit-log.ts'
import { AppError } from '../contract/errors.ts'
import { externalOriginsSchema, type IdentityHeader, identityHeadersSchema } from '../contract/identity-headers.ts'
import { parseInput } from '../contract/parse-input.ts'
import { appIdSchema, configSchema } from '../contract/schemas.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import type { Registry } from './registry.ts'
import { npmSource } from './sources/npm.ts'
import { kindOfSource, parseSource, withoutRange } from './sources/parse-source.ts'
import { checkUpstream, type HostPlace } from './sources/upstream.ts'
import type { ActorKey, ConfigureInput } from './types.ts'
import { leadsToHost, upstreamSource } from './upstream/upstream-url.ts'

/** Throws BAD_INPUT naming the key at fault (A44), or the two keys that would become one variable. */
export function checkConfig(config: Record<string, string>): Record<string, string> {
  const parsed = configSchema.safeParse(config)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const key = issue?.path[0]
    // A refused key of a record is reported with its own issues inside.
    const message = (issue?.code === 'invalid_key' ? issue.issues[0]?.message : issue?.message) ?? 'This is no config.'
    throw new AppError('BAD_INPUT', key === undefined ? message : `${String(key)}: ${message}`)
  }
  const seen = new Map<string, string>()
  for (const key of Object.keys(parsed.data)) {
    const other = seen.get(key.toUpperCase())
    if (other !== undefined) throw new AppError('BAD_INPUT', `${other} and ${key} are the same variable. Remove one.`)
    seen.set(key.toUpperCase(), key)
  }
  return parsed.data
}

/** Throws BAD_INPUT (A40). */
export function checkAppId(id: string): string {
  const parsed = appIdSchema.safeParse(id)
  if (!parsed.success) throw new AppError('BAD_INPUT', parsed.error.issues[0]?.message ?? 'This is no app ID.')
  return parsed.data
}

const HEADERS_FIELD = z.object({ identityHeaders: identityHeadersSchema })

/** Throws BAD_INPUT (C23). */
export function checkIdentityHeaders(headers: IdentityHeader[]): IdentityHeader[] {
  // Within its field, so that a form with many headers knows which one is meant.
  return parseInput(HEADERS_FIELD, { identityHeaders: headers }).identityHeaders
}

/** Throws BAD_INPUT. An address of the host's own would lead a session of one app to another (C24). */
function checkExternalOrigins(origins: string[], host: HostPlace): string[] {
  const parsed = externalOriginsSchema.safeParse(origins)
  if (!parsed.success) throw new AppError('BAD_INPUT', parsed.error.issues[0]?.message ?? 'These are no addresses.')
  const own = parsed.data.find((origin) => leadsToHost(origin, host))
  if (own !== undefined) throw new AppError('BAD_INPUT', `${own} is an address of Atek itself.`)
  return [...new Set(parsed.data)]
}

/** Throws SOURCE_INVALID, BAD_INPUT. */
function checkUpstreamSource(before: AppRecord, source: string, host: HostPlace): string {
  if (kindOfSource(source) !== 'upstream') {
    throw new AppError('BAD_INPUT', 'This app lives elsewhere. Install another one to run it on this computer.')
  }
  const parsed = parseSource(source, 'upstream')
  if (parsed.kind !== 'upstream') return before.sourceUrl
  checkUpstream(parsed.url, host)
  return upstreamSource(parsed.url)
}

export function idTaken(id: string): AppError {
  return new AppError('ID_TAKEN', `Another app has the ID ${id}. Choose another one.`)
}

export function configureApp(
  deps: { registry: Registry; audit: AuditLog; hostPlace(): HostPlace },
  actor: ActorKey,
  key: string,
  change: ConfigureInput,
): AppRecord {
  const { registry, audit } = deps
  const { patch, details } = checkChange(deps, registry.need(key), change)
  registry.commit(key, (table) => {
    table.update(key, patch)
    audit.record({ action: 'app.configure', actor, subject: key, details })
  })
  return registry.need(key)
}

/** What a change writes, and what is told of it in the audit log. Throws BAD_INPUT, ID_TAKEN, SOURCE_INVALID. */
export function checkChange(
  { registry, hostPlace }: { registry: Registry; hostPlace(): HostPlace },
  before: AppRecord,
  change: ConfigureInput,
): CheckedChange {
  const id = change.id === undefined ? before.id : checkAppId(change.id)
  const config = change.config === undefined ? before.config : checkConfig(change.config)
  const autostart = change.autostart ?? before.autostart
  const other = registry.byId(id)
  if (other !== null && other.key !== before.key) throw idTaken(id)
  const wanted = change.desiredVersion === undefined ? null : wantedVersion(before, change.desiredVersion)
  const { desiredVersion } = wanted ?? before
  const { sourceUrl } = change
  const moved =
    sourceUrl === undefined || before.sourceType !== 'upstream'
      ? null
      : { sourceUrl: checkUpstreamSource(before, sourceUrl, hostPlace()) }
  const headers =
    change.identityHeaders === undefined ? null : { identityHeaders: checkIdentityHeaders(change.identityHeaders) }
  const origins =
    change.externalOrigins === undefined
      ? null
      : { externalOrigins: checkExternalOrigins(change.externalOrigins, hostPlace()) }
  return {
    patch: { id, config, autostart, ...wanted, ...moved, ...headers, ...origins },
    // Names of config entries only: their values may be secrets (C51).
    details: {
      ...(id !== before.id && { id: { from: before.id, to: id } }),
      ...(autostart !== before.autostart && { autostart }),
      ...(change.config !== undefined && { config: changedKeys(before.config, config) }),
      ...(desiredVersion !== before.desiredVersion && { desiredVersion: desiredVersion ?? 'latest' }),
      ...(moved !== null &&
        moved.sourceUrl !== before.sourceUrl && { source: { from: before.sourceUrl, to: moved.sourceUrl } }),
      ...headers,
      ...origins,
    },
  }
}

interface CheckedChange {
  patch: Partial<AppRecord>
  details: Record<string, unknown>
}

function wantedVersion(before: AppRecord, desiredVersion: string): Pick<AppRecord, 'sourceUrl' | 'desiredVersion'> {
  const kind = before.sourceType
  if (kind !== 'git' && kind !== 'npm') {
    if (desiredVersion === 'latest') return { sourceUrl: before.sourceUrl, desiredVersion: null }
    throw new AppError('BAD_INPUT', 'This app has no versions to choose from.')
  }
  const source = parseSource(withoutRange(before.sourceUrl), kind, desiredVersion)
  // An npm address names what is wanted; it must not name something else.
  if (source.kind === 'npm') return { sourceUrl: npmSource(source.name, source.range), desiredVersion: source.range }
  return { sourceUrl: before.sourceUrl, desiredVersion: 'range' in source ? source.range : null }
}

function changedKeys(before: Record<string, string>, after: Record<string, string>): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].filter((key) => before[key] !== after[key]).sort()
}
