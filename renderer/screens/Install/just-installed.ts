import { createStore } from '../../state/store.ts'

/** The app that was installed a moment ago: its page puts the focus on "Open". */
export const justInstalledStore = createStore<string | null>(null)
