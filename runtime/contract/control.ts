import { z } from 'zod'
import { externalOriginsSchema, identityHeadersSchema } from './identity-headers.ts'
import { LIMITS } from './limits.ts'
import type {
  ApiTokenInfo,
  AppDetails,
  AppSummary,
  AuditRow,
  ExampleInfo,
  HostSettings,
  HostStatus,
  InstallReview,
  LogLine,
  SessionInfo,
  TrafficDetails,
  TrafficPage,
  UpdateCheck,
  UpdateResult,
  User,
  UserRow,
} from './models.ts'
import {
  appIdSchema,
  autostartSchema,
  configSchema,
  keySchema,
  newPasswordSchema,
  ownerSchema,
  passwordInputSchema,
  roleSchema,
  sourceKindSchema,
  sourceUrlSchema,
  tokenNameSchema,
  usernameSchema,
} from './schemas.ts'
import {
  type SavedFilter,
  TRAFFIC_INPUT,
  type TrafficBody,
  type TrafficCapture,
  type TrafficChain,
  type TrafficCounts,
  type TrafficExport,
  type TrafficGraph,
  type TrafficReplay,
  type TrafficSearchPage,
  type TrafficSecrets,
  type TrafficStats,
} from './traffic.ts'

/**
 * Permissions that control methods name (C07). `user` is every signed-in person, for what is theirs; what exactly is
 * theirs is decided in control/access.
 */
export type Permission = 'user' | 'admin'

interface Method<I extends z.ZodType, O> {
  input: I
  permission: Permission
  /** Never set: carries the output type only. */
  output?: { value: O }
}

function method<O>() {
  return <I extends z.ZodType>(permission: Permission, input: I): Method<I, O> => ({ permission, input })
}

const none = z.strictObject({})
const byKey = z.strictObject({ key: keySchema })
const page = { before: z.number().int().positive().optional(), limit: z.number().int().min(1).max(2000).default(200) }

/** Every method of the control API: name -> permission, input, output. IPC and HTTP are thin adapters over it. */
export const CONTROL = {
  'apps.list': method<AppSummary[]>()('user', none),
  'apps.get': method<AppDetails>()('user', byKey),
  'apps.serviceKey': method<string>()('user', byKey),
  'apps.examples': method<ExampleInfo[]>()('user', none),
  /** Fetches and reads the source; long, cancelled with apps.cancelInstall under the id that the caller chose. */
  'apps.review': method<InstallReview>()(
    'user',
    z.strictObject({ reviewId: z.uuid(), source: sourceUrlSchema, kind: sourceKindSchema }),
  ),
  'apps.install': method<{ key: string }>()(
    'user',
    z.strictObject({
      reviewId: z.uuid(),
      id: appIdSchema,
      owner: ownerSchema,
      allowScripts: z.boolean(),
      identityHeaders: identityHeadersSchema.optional(),
    }),
  ),
  'apps.cancelInstall': method<void>()('user', z.strictObject({ reviewId: z.uuid() })),
  'apps.start': method<void>()('user', byKey),
  'apps.stop': method<void>()('user', byKey),
  'apps.restart': method<void>()('user', byKey),
  /** Asks the app's source; changes nothing. */
  'apps.checkForUpdate': method<UpdateCheck>()('user', byKey),
  /**
   * Switches to the newest version in the wanted range, or back when it does not become ready. SCRIPTS_UNDECIDED, with
   * `scripts` in its details, when it has some and the person has not said whether they may run.
   */
  'apps.update': method<UpdateResult>()(
    'user',
    z.strictObject({ key: keySchema, allowScripts: z.boolean().optional() }),
  ),
  'apps.uninstall': method<void>()(
    'user',
    z.strictObject({ key: keySchema, deleteData: z.boolean(), confirmId: z.string().max(LIMITS.appIdLength) }),
  ),
  'apps.configure': method<AppDetails>()(
    'user',
    z.strictObject({
      key: keySchema,
      id: appIdSchema.optional(),
      config: configSchema.optional(),
      autostart: autostartSchema.optional(),
      /** Of an app that lives elsewhere; for administrators (C23). */
      sourceUrl: sourceUrlSchema.optional(),
      identityHeaders: identityHeadersSchema.optional(),
      externalOrigins: externalOriginsSchema.optional(),
    }),
  ),
  'apps.logs': method<LogLine[]>()('user', z.strictObject({ key: keySchema, ...page })),
  /** A one-time address (30 s) that signs the person's browser in and leads to the app (C15). */
  'apps.openAddress': method<{ url: string }>()(
    'user',
    z.strictObject({
      key: keySchema,
      path: z
        .string()
        .max(4096)
        .regex(/^\/(?![/\\])/)
        .default('/'),
    }),
  ),

  'traffic.list': method<TrafficPage>()('user', z.strictObject({ ...page, appKey: keySchema.optional() })),
  'traffic.get': method<TrafficDetails>()('user', z.strictObject({ seq: z.number().int().positive() })),
  /** Rows in memory and on the disk, filtered. */
  'traffic.search': method<TrafficSearchPage>()('user', TRAFFIC_INPUT.search),
  'traffic.counts': method<TrafficCounts>()('user', none),
  'traffic.chain': method<TrafficChain>()('user', TRAFFIC_INPUT.bySeq),
  /** NOT_FOUND when none was kept. */
  'traffic.body': method<TrafficBody>()('user', TRAFFIC_INPUT.body),
  /** What is masked elsewhere, for who made the request and for administrators; audited. */
  'traffic.reveal': method<TrafficSecrets>()('user', TRAFFIC_INPUT.bySeq),
  'traffic.stats': method<TrafficStats>()('user', TRAFFIC_INPUT.stats),
  'traffic.graph': method<TrafficGraph>()('user', TRAFFIC_INPUT.graph),
  'traffic.exportHar': method<TrafficExport>()('user', TRAFFIC_INPUT.exportHar),
  /** The request as a command line for a POSIX shell. */
  'traffic.curl': method<string>()('user', TRAFFIC_INPUT.curl),
  /** Makes the request again through the same door as everybody's; audited. */
  'traffic.replay': method<TrafficReplay>()('user', TRAFFIC_INPUT.replay),
  'traffic.capture': method<TrafficCapture>()('user', none),
  /** For who manages the app. */
  'traffic.setCapture': method<TrafficCapture>()('user', TRAFFIC_INPUT.setCapture),
  'traffic.setCaptureLimit': method<TrafficCapture>()('admin', TRAFFIC_INPUT.setCaptureLimit),
  'traffic.filters': method<SavedFilter[]>()('user', none),
  /** Adds, or replaces the one with this name; answers all of them. */
  'traffic.saveFilter': method<SavedFilter[]>()('user', TRAFFIC_INPUT.saveFilter),
  'traffic.deleteFilter': method<SavedFilter[]>()('user', TRAFFIC_INPUT.deleteFilter),
  'traffic.clear': method<void>()('admin', none),

  'users.list': method<UserRow[]>()('admin', none),
  'users.create': method<User>()(
    'admin',
    z.strictObject({ username: usernameSchema, password: newPasswordSchema, role: roleSchema }),
  ),
  'users.update': method<User>()(
    'admin',
    z.strictObject({ key: keySchema, username: usernameSchema.optional(), role: roleSchema.optional() }),
  ),
  'users.delete': method<void>()(
    'admin',
    z.strictObject({ key: keySchema, confirmUsername: z.string().max(LIMITS.usernameLength) }),
  ),
  'users.resetPassword': method<void>()('admin', z.strictObject({ key: keySchema, password: newPasswordSchema })),
  'users.signOutEverywhere': method<void>()('admin', byKey),
  'users.sessions': method<SessionInfo[]>()('admin', byKey),

  'me.sessions': method<SessionInfo[]>()('user', none),
  'me.endSession': method<void>()('user', z.strictObject({ id: z.string().max(64) })),
  /** The app that the person sees at the host's root; null for the list of her apps. */
  'me.mainApp': method<{ key: string | null }>()('user', none),
  'me.setMainApp': method<void>()('user', z.strictObject({ key: keySchema.nullable() })),
  'me.tokens': method<ApiTokenInfo[]>()('user', none),
  /** The refresh token is told here and never again: the host keeps its hash (C05). */
  'me.createToken': method<{ token: ApiTokenInfo; refreshToken: string }>()(
    'user',
    z.strictObject({ name: tokenNameSchema }),
  ),
  'me.endToken': method<void>()('user', z.strictObject({ id: z.string().max(64) })),
  'me.changePassword': method<void>()(
    'user',
    z.strictObject({ current: passwordInputSchema, next: newPasswordSchema }),
  ),

  'audit.list': method<AuditRow[]>()('admin', z.strictObject(page)),

  'host.status': method<HostStatus>()('user', none),
  'settings.get': method<HostSettings>()('admin', none),
  'settings.update': method<HostSettings>()(
    'admin',
    z.strictObject({
      port: z.number().int().min(0).max(65_535).optional(),
      domain: z
        .string()
        .max(100)
        .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, 'This is not a domain name.')
        .optional(),
    }),
  ),
} as const

export type ControlMethod = keyof typeof CONTROL
export type ControlInput<M extends ControlMethod> = z.input<(typeof CONTROL)[M]['input']>
export type ControlParsed<M extends ControlMethod> = z.output<(typeof CONTROL)[M]['input']>
export type ControlOutput<M extends ControlMethod> = NonNullable<(typeof CONTROL)[M]['output']>['value']

export function isControlMethod(name: string): name is ControlMethod {
  // Own keys only: `constructor` and `__proto__` are no methods (A60).
  return Object.hasOwn(CONTROL, name)
}
