import { createStore } from './store.ts'

export type InstallTab = 'folder' | 'git' | 'npm' | 'upstream' | 'example'

export interface InstallRequest {
  tab: InstallTab
  source: string
  /** Goes on to the review at once: for a dropped folder and for an example's tile. */
  reviewNow: boolean
}

/** The installation dialog is opened from several places: the Apps screen, the palette, a dropped folder. */
export const installDialogStore = createStore<InstallRequest | null>(null)

export function openInstallDialog(request: Partial<InstallRequest> = {}): void {
  installDialogStore.set({ tab: 'folder', source: '', reviewNow: false, ...request })
}
