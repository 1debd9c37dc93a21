// A host in a process of its own, to be killed by a test. Node alone does not read TypeScript; Vite does.
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

await runnerImport(fileURLToPath(new URL('host-process-main.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
})
