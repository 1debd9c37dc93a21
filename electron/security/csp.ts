/**
 * The panel's Content-Security-Policy. Scripts and everything else come from the panel's own scheme; styles may be
 * inline because the component library writes style elements at run time, which can colour but not act. Icons of apps
 * are data: images, checked and bounded when the app was installed. The worker that filters traffic is a file of the
 * panel like any other. There is nothing to connect to: the panel talks
 * to the host over IPC.
 */
export const PANEL_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "frame-src 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
