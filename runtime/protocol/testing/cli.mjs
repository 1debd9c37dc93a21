// The command line as people start it, in a process of its own. Node alone does not read TypeScript; Vite does.
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

await runnerImport(fileURLToPath(new URL('cli-main.ts', import.meta.url)), { configFile: false, logLevel: 'error' })
