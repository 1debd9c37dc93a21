import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isAlive } from './process/kill.ts'
import { askApp, type OpenApps, openApps } from './testing/open-apps.ts'

let open: OpenApps
beforeEach(async () => {
  open = await openApps()
})
afterEach(() => open.close())

describe('a life', () => {
  test('is installed, runs, stops, starts again', async () => {
    const { apps } = open
    const record = await open.install(await open.sources.make('echo', { manifest: { title: 'Echo' } }))
    expect(apps.state(record.key)).toMatchObject({ state: 'running', crash: null, restarts: 0 })
    expect(JSON.parse(await askApp(open, record.key, '/hello?x=1'))).toMatchObject({ method: 'GET', url: '/hello?x=1' })
    const pid = apps.state(record.key).process?.pid ?? 0

    await apps.stop('system', record.key)
    expect(apps.state(record.key)).toMatchObject({ state: 'stopped', process: null, socketPath: null })
    expect(isAlive(pid)).toBe(false)
    expect(apps.get(record.key)?.enabled).toBe(false)

    await apps.start('system', record.key)
    expect(await askApp(open, record.key)).toContain('"method":"GET"')
    expect(apps.get(record.key)?.enabled).toBe(true)
  })
})
