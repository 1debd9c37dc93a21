import { defineConfig } from 'vitest/config'

/**
 * Unit and integration tests, beside the code that they test. They use real SQLite, sockets and child processes, and put
 * everything into temporary folders. A property test that fails prints its seed, to be given to it again.
 */
export default defineConfig({
  test: {
    include: ['{runtime,electron,renderer}/**/*.test.{ts,tsx}'],
    environment: 'node',
    pool: 'forks',
    // Their default export answers every property with a method, `then` too: what Vitest wraps around a package that it
    // does not run itself would never be done waiting for it.
    server: { deps: { inline: [/@atek-cloud/] } },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    allowOnly: !process.env.CI,
    // A test that passes at the second try only has found something.
    retry: 0,
    restoreMocks: true,
    unstubEnvs: true,
  },
})
