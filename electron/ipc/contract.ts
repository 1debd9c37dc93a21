import { z } from 'zod'
import type { ControlInput, ControlMethod, ControlOutput } from '../../runtime/contract/control.ts'
import type { RuntimeEvent } from '../../runtime/contract/events.ts'
import type { Me, TrafficRow, User } from '../../runtime/contract/models.ts'
import { keySchema, newPasswordSchema, passwordInputSchema, usernameSchema } from '../../runtime/contract/schemas.ts'
import { TRAFFIC_INPUT } from '../../runtime/contract/traffic.ts'

/**
 * Everything that crosses IPC. The control API crosses whole, as `control` with a method's name; beside it stand the
 * methods that only a desktop has. Every input is parsed by these schemas in the main process.
 */

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export interface Preferences {
  theme: Theme
  startAtLogin: boolean
  /** False where the system cannot start apps at login. */
  canStartAtLogin: boolean
}

/** What the panel shows as a whole. */
export type PanelState =
  | { phase: 'starting' }
  /** The host could not start: shown with what to do. */
  | { phase: 'failed'; message: string; details: string | null }
  | { phase: 'first-run' }
  | { phase: 'locked'; lastUsername: string | null }
  | { phase: 'ready'; me: Me }

export interface PanelInfo {
  state: PanelState
  /** Sentences that a person should know: no keychain, the port was taken. */
  notices: string[]
  /** False when the keychain is missing and a 0600 file is used. */
  keychain: boolean
  platform: 'linux' | 'darwin' | 'win32'
}

const credentials = z.strictObject({ username: z.string().max(256), password: passwordInputSchema })
const none = z.strictObject({})

function method<O>() {
  return <I extends z.ZodType>(input: I): { input: I; output?: { value: O } } => ({ input })
}

export const DESKTOP = {
  'panel.info': method<PanelInfo>()(none),
  /** Makes the first account; refused when there is one (C02). */
  'panel.createFirstUser': method<User>()(z.strictObject({ username: usernameSchema, password: newPasswordSchema })),
  'panel.signIn': method<User>()(credentials),
  'panel.signOut': method<void>()(none),
  'desktop.preferences': method<Preferences>()(none),
  'desktop.setPreferences': method<Preferences>()(
    z.strictObject({ theme: z.enum(THEMES).optional(), startAtLogin: z.boolean().optional() }),
  ),
  /** The system's folder dialog; null when it was closed. */
  'desktop.pickFolder': method<string | null>()(none),
  /** Opens an app in the system browser, signed in (C15). */
  'desktop.openApp': method<void>()(z.strictObject({ key: keySchema, path: z.string().max(4096).optional() })),
  'desktop.copyText': method<void>()(z.strictObject({ text: z.string().max(65_536) })),
  /**
   * The rows of the live view since the last taking, as the JSON text of a TrafficBatch: a text crosses to the panel's
   * page, and from there to its worker, without anything being built of it on the way. From the first taking on, rows
   * are gathered and announced by `traffic-waiting`; `watch: false` ends that.
   */
  'panel.takeTraffic': method<string>()(z.strictObject({ watch: z.boolean() })),
  /** `traffic.exportHar` into a file that the person chooses; null when she chose none. */
  'desktop.exportTraffic': method<{ path: string; entries: number; truncated: boolean } | null>()(
    TRAFFIC_INPUT.exportHar,
  ),
  'desktop.quit': method<void>()(none),
} as const

export type DesktopMethod = keyof typeof DESKTOP
export type DesktopInput<M extends DesktopMethod> = z.input<(typeof DESKTOP)[M]['input']>
export type DesktopOutput<M extends DesktopMethod> = NonNullable<(typeof DESKTOP)[M]['output']>['value']

/** Rows between two takings. */
export interface TrafficBatch {
  /** Everything before these rows was cleared. */
  cleared: boolean
  /** One row of this many is here, the others are in the record only: more came than anybody could see. */
  every: number
  /** New rows and rows that changed, ordered by seq. */
  rows: TrafficRow[]
}

/** Main process -> panel. Runtime events come in batches, at most one each 100 ms. */
export type PanelEvent =
  | { type: 'runtime'; events: RuntimeEvent[] }
  /** There is something for `panel.takeTraffic`; not said again before it was taken. */
  | { type: 'traffic-waiting' }
  | { type: 'panel'; info: PanelInfo }
  /** From the menu or the tray. */
  | { type: 'navigate'; to: string }

/** What preload exposes as `window.atek`. Results cross as data; renderer/api.ts unwraps them. */
export interface AtekBridge {
  control(method: string, input: unknown): Promise<unknown>
  desktop(method: string, input: unknown): Promise<unknown>
  onEvent(listener: (event: PanelEvent) => void): () => void
  /** The path of a folder that was dropped on the window. */
  pathOfFile(file: File): string
}

export const CHANNELS = { control: 'atek:control', desktop: 'atek:desktop', event: 'atek:event' } as const

export type { ControlInput, ControlMethod, ControlOutput }
