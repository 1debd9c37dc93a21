import { type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron'
import { AppError, type Result, toErrorData } from '../../runtime/contract/errors.ts'
import { parseInput } from '../../runtime/contract/parse-input.ts'
import type { Logger } from '../../runtime/index.ts'
import { PANEL_ORIGIN } from '../security/panel-file.ts'
import { CHANNELS, DESKTOP, type DesktopInput, type DesktopMethod, type DesktopOutput } from './contract.ts'
import { parseIpcText } from './parse.ts'
import { assertSender } from './sender.ts'

export type DesktopHandlers = {
  [M in DesktopMethod]: (input: DesktopInput<M>) => DesktopOutput<M> | Promise<DesktopOutput<M>>
}

export interface IpcDeps {
  /** The panel's page, or null while there is none. */
  panel(): WebContents | null
  control(method: string, input: unknown): Promise<unknown>
  desktop: DesktopHandlers
  logger: Logger
}

/** The one place where IPC enters: checks who sent it, parses what came, answers with a Result. */
export function registerIpc(deps: IpcDeps): void {
  ipcMain.handle(CHANNELS.control, (event, method: unknown, text: unknown) =>
    answer(deps, event, method, text, (name, input) => deps.control(name, input)),
  )
  ipcMain.handle(CHANNELS.desktop, (event, method: unknown, text: unknown) =>
    answer(deps, event, method, text, (name, input) => callDesktop(deps.desktop, name, input)),
  )
}

async function answer(
  deps: IpcDeps,
  event: IpcMainInvokeEvent,
  method: unknown,
  text: unknown,
  call: (method: string, input: unknown) => Promise<unknown>,
): Promise<Result<unknown>> {
  try {
    assertSender(event, deps.panel(), PANEL_ORIGIN)
    if (typeof method !== 'string') throw new AppError('BAD_INPUT', 'A method is named by a text.')
    return { ok: true, value: await call(method, parseIpcText(text)) }
  } catch (error) {
    if (!(error instanceof AppError)) deps.logger.error('a call of the panel failed', { method, error })
    return { ok: false, error: toErrorData(error) }
  }
}

async function callDesktop(handlers: DesktopHandlers, method: string, input: unknown): Promise<unknown> {
  // Own keys only: `constructor` and `__proto__` are no methods (A60).
  if (!Object.hasOwn(DESKTOP, method)) throw new AppError('METHOD_NOT_FOUND', 'There is no such method.')
  const name = method as DesktopMethod
  return (handlers[name] as (input: unknown) => unknown)(parseInput(DESKTOP[name].input, input))
}
