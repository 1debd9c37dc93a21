import type { ServerResponse } from 'node:http'

/**
 * Runs once the answer is out, or its connection gone: at once where it is gone already. `close` is told but once, and
 * whoever comes to listen after something was waited for comes too late; what it was to give free would stay taken for
 * as long as the host runs (A45).
 */
export function whenClosed(res: ServerResponse, run: () => void): void {
  if (res.destroyed) run()
  else res.once('close', run)
}
