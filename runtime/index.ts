/** What a shell may use of the runtime. electron/ imports from here and from contract/ only. */
export type { Actor } from './control/actor.ts'
export type { PanelSession } from './control/panel-sessions.ts'
export { atomicWrite } from './core/atomic-write.ts'
export { readConfigFile } from './core/config-file.ts'
export { type Disposable, DisposableStore } from './core/disposable.ts'
export { createLogger, type Logger } from './core/logger.ts'
export type { Runtime, RuntimeConfig, RuntimePorts } from './runtime.ts'

/** The host, see runtime.ts. Loaded when it is called, so that a shell can show its window first. */
export const createRuntime: typeof import('./runtime.ts').createRuntime = async (config, ports) =>
  (await import('./runtime.ts')).createRuntime(config, ports)
