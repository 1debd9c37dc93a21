import { isBuiltin } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type EnvironmentOptions } from 'vite'
import { copyResources } from './electron/setup/copy-resources.mjs'

const root = fileURLToPath(new URL('.', import.meta.url))
/** electron/setup/build.mjs builds beside the folder in use and swaps it in when it is whole. */
const out = resolve(root, process.env.ATEK_BUILD_FOLDER ?? 'out')

/** The oldest that it runs on: Electron 33 is Chromium 130 with Node 20.18. */
const NODE = 'node20'
const CHROMIUM = 'chrome130'

interface NodeBuild {
  entries: Record<string, string>
  folder: string
  format: 'es' | 'cjs'
  /** Packages stay imports, found in node_modules; otherwise all but Node and Electron itself is built in. */
  packagesStay: boolean
}

function nodeEnvironment({ entries, folder, format, packagesStay }: NodeBuild): EnvironmentOptions {
  const external = packagesStay
    ? (id: string) => !id.startsWith('.') && !id.startsWith('\0') && !/^([a-z]:)?[\\/]/i.test(id)
    : (id: string) => id === 'electron' || isBuiltin(id)
  const extension = format === 'cjs' ? 'cjs' : 'js'
  return {
    consumer: 'server',
    define: { 'process.env.NODE_ENV': JSON.stringify('production') },
    resolve: { noExternal: true },
    build: {
      outDir: resolve(out, folder),
      emptyOutDir: true,
      target: NODE,
      minify: false,
      sourcemap: packagesStay,
      copyPublicDir: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, resolve(root, file)])),
        external,
        preserveEntrySignatures: 'strict',
        output: { format, entryFileNames: `[name].${extension}`, chunkFileNames: `[name]-[hash].${extension}` },
      },
    },
  }
}

export default defineConfig({
  root: resolve(root, 'renderer'),
  // The panel is served by its own scheme from any folder.
  base: './',
  publicDir: false,
  cacheDir: resolve(root, 'node_modules/.vite'),
  plugins: [react()],
  environments: {
    client: {
      build: {
        outDir: resolve(out, 'renderer'),
        emptyOutDir: true,
        target: CHROMIUM,
        // The CSP has no `data:` for scripts or fonts; files are read from disk anyway.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 2000,
        rolldownOptions: { input: resolve(root, 'renderer/index.html') },
      },
    },
    // React is built in, so that the host's pages need nothing of node_modules.
    web: nodeEnvironment({
      entries: { pages: 'renderer/web/pages.tsx' },
      folder: 'web',
      format: 'es',
      packagesStay: false,
    }),
    // CommonJS in one file: a sandboxed preload can import nothing else.
    preload: nodeEnvironment({
      entries: { preload: 'electron/preload.ts' },
      folder: 'preload',
      format: 'cjs',
      packagesStay: false,
    }),
    main: nodeEnvironment({ entries: { main: 'electron/main.ts' }, folder: 'main', format: 'es', packagesStay: true }),
    runtime: nodeEnvironment({
      entries: {
        index: 'runtime/index.ts',
        cli: 'runtime/cli.ts',
        'traffic-worker': 'runtime/traffic/archive-thread.ts',
      },
      folder: 'runtime',
      format: 'es',
      packagesStay: true,
    }),
  },
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments)) {
        if (environment.name !== 'ssr') await builder.build(environment)
      }
      await copyResources(root, out)
    },
  },
})
