/** What a shell may use of the runtime. electron/ imports from here and from contract/ only. */
export type { Actor } from './control/actor.ts'
export type { PanelSession } from './control/panel-sessions.ts'
export { atomicWrite } from './core/atomic-write.ts'
export { readConfigFile } from './core/config-file.ts'
export { type Disposable, DisposableStore } from './core/disposable.ts'
export { createLogger, type Logger } from './core/logger.ts'
export { createRuntime, type Runtime, type RuntimeConfig } from './runtime.ts'
