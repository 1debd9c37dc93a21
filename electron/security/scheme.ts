import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { protocol } from 'electron'
import { PANEL_CSP } from './csp.ts'
import { panelFile } from './panel-file.ts'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ico': 'image/x-icon',
}

/** Before the app is ready: Electron fixes the privileges of schemes then. */
export function declarePanelScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: 'atek', privileges: { standard: true, secure: true } }])
}

/** After the app is ready: answers the scheme from a folder of built files. */
export function servePanel(folder: string): void {
  protocol.handle('atek', async (request) => {
    const path = panelFile(folder, request.url)
    const type = path === null ? undefined : TYPES[extname(path)]
    if (path === null || type === undefined) return new Response('Not found', { status: 404 })
    const body = await readFile(path).catch(() => null)
    if (body === null) return new Response('Not found', { status: 404 })
    return new Response(new Uint8Array(body), {
      headers: {
        'Content-Type': type,
        'Content-Security-Policy': PANEL_CSP,
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cache-Control': 'no-cache',
      },
    })
  })
}
