import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { AtekBridge, PanelEvent } from './ipc/contract.ts'

// Written out: a sandboxed preload script loads nothing else, and the contract's file would bring its schemas along.
const CONTROL = 'atek:control'
const DESKTOP = 'atek:desktop'
const EVENT = 'atek:event'

/**
 * All that the panel can do outside its page. Inputs cross as JSON text, so that the main process can refuse one by
 * its length before anything of it is built.
 */
const bridge: AtekBridge = {
  control: (method, input) => ipcRenderer.invoke(CONTROL, method, JSON.stringify(input ?? {})),
  desktop: (method, input) => ipcRenderer.invoke(DESKTOP, method, JSON.stringify(input ?? {})),
  onEvent(listener) {
    const relay = (_event: unknown, value: PanelEvent) => listener(value)
    ipcRenderer.on(EVENT, relay)
    return () => ipcRenderer.off(EVENT, relay)
  },
  pathOfFile: (file) => webUtils.getPathForFile(file),
}

contextBridge.exposeInMainWorld('atek', bridge)
