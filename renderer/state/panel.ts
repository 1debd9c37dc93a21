import type { PanelInfo } from '../../electron/ipc/contract.ts'
import type { HostStatus } from '../../runtime/contract/models.ts'
import { createStore } from './store.ts'

/** What the window as a whole shows; null until the main process has answered. */
export const panelStore = createStore<PanelInfo | null>(null)

/** The host's own state; null until it was asked for. */
export const hostStore = createStore<HostStatus | null>(null)
