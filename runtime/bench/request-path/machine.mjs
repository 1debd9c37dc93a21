import { cpus, release, totalmem } from 'node:os'
import { versionOf } from './system.mjs'

/** Where and when it was measured. */
export function machine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GB`,
    system: `Linux ${release()}`,
    node: process.version,
    nginx: versionOf('nginx', '-v').replace('nginx version: ', ''),
    caddy: versionOf('caddy', 'version'),
    wrk: /^wrk (\S+)/.exec(versionOf('wrk', '-v'))?.[1] ?? '',
  }
}
