import { app, type Session, type WebContents } from 'electron'
import { PANEL_ORIGIN } from './panel-file.ts'

/**
 * Denials that hold for every page in this process, whatever opened it (A61; Electron security checklist 5, 12–14).
 * The panel never leaves its own page: routes are in the fragment, so any navigation is somebody else's idea.
 */
export function guardAllContents(): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents))
}

function guardContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

/** Denies every permission and every request that is not for the panel's own files. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event) => event.preventDefault())
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isPanelResource(details.url) }))
}

/** Developer tools have a scheme of their own; data: is icons. */
function isPanelResource(url: string): boolean {
  return url.startsWith(`${PANEL_ORIGIN}/`) || url.startsWith('data:') || url.startsWith('devtools:')
}
