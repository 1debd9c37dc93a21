import { expect, test } from 'vitest'
import { appEnvironment } from './environment.ts'

const app = {
  socketPath: '/run/app.sock',
  serviceKey: 'a'.repeat(32),
  hostPort: 8420,
  token: 'token',
  dataFolder: '/data',
  node: { execPath: '/node', env: {} },
}

test.each(['NODE_OPTIONS', 'node_options', 'PATH', 'LD_PRELOAD', 'ATEK_HOST_BEARER_TOKEN', 'ELECTRON_RUN_AS_NODE'])(
  'A44: a database that has %s in an app’s config does not start the app with it',
  (key) => {
    expect(() => appEnvironment({ ...app, config: { [key]: 'x' } })).toThrow(
      `The config entry ${key} belongs to the host`,
    )
  },
)

test('A44: of the host’s own environment an app gets language and time zone alone', () => {
  const host = { LANG: 'C', TZ: 'UTC', PATH: '/evil', NODE_OPTIONS: '--require /evil.js', SECRET: 'hush' }
  const env = appEnvironment({ ...app, config: { greeting: 'hello' } }, host)
  expect(env).toMatchObject({ LANG: 'C', TZ: 'UTC', GREETING: 'hello', ATEK_HOST_BEARER_TOKEN: 'token' })
  expect(Object.keys(env)).not.toContain('SECRET')
  expect(JSON.stringify(env)).not.toContain('evil')
})
