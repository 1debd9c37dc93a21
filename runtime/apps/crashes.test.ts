import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { askApp, lives, type OpenApps, openApps, until } from './testing/open-apps.ts'

let open: OpenApps
let clock: ManualClock
beforeEach(async () => {
  clock = new ManualClock()
  open = await openApps({ clock })
})
afterEach(async () => {
  const turning = setInterval(() => clock.advance(200), 5)
  await open.close()
  clearInterval(turning)
})

/** Runs something that needs time to go on. */
async function meanwhile<T>(work: Promise<T>, step = 20): Promise<T> {
  const turning = setInterval(() => clock.advance(step), 5)
  try {
    return await work
  } finally {
    clearInterval(turning)
  }
}

test('back-off: 1, 2, 4 … 60 s, given up after 8 restarts, and from the beginning when a person starts it', async () => {
  const record = await meanwhile(open.install(await open.sources.make('exits-at-once')))
  const waits: number[] = []
  for (let restarts = 0; restarts <= LIMITS.restartsInARow; restarts++) {
    await until(() => open.apps.state(record.key).crash?.restarts === restarts)
    const { crash } = open.apps.state(record.key)
    expect(crash).toMatchObject({ exitCode: 3, signal: null, lastLines: ['The database is missing.'] })
    if (crash?.nextTryAt == null) break
    waits.push(crash.nextTryAt - clock.now())
    clock.advance(crash.nextTryAt - clock.now() - 1)
    expect(open.apps.state(record.key).state).toBe('crashed')
    clock.advance(1)
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000))
  expect(open.apps.state(record.key)).toMatchObject({ state: 'crashed', restarts: 8, crash: { nextTryAt: null } })
  clock.advance(3_600_000)
  expect(open.apps.state(record.key).state).toBe('crashed')
  await expect(open.apps.ensureRunning(record.key)).rejects.toThrow('It is not tried again by itself')

  const start = open.apps.start('system', record.key)
  await expect(start).rejects.toMatchObject({ code: 'APP_START_FAILED' })
  expect(open.apps.state(record.key)).toMatchObject({ restarts: 0, crash: { nextTryAt: clock.now() + 1000 } })
  const crashes = open.audit.list({ limit: 100 }, () => null).filter((row) => row.action === 'app.crash')
  expect(crashes).toHaveLength(10)
})

test('exits at once: a sentence that says what happened and what to do', async () => {
  const record = await meanwhile(
    open.install(await open.sources.make('exits-at-once', { manifest: { title: 'Notes' } })),
  )
  await expect(open.apps.start('system', record.key)).rejects.toThrow(
    'Notes did not start. It ended before it listened, with exit code 3. See its log, correct the app, and start it again.',
  )
  const clean = await meanwhile(open.install(await open.sources.make('exits-cleanly-at-once')))
  expect(open.apps.state(clean.key).crash?.reason).toBe('It ended before it listened, with exit code 0.')
  const thrown = await meanwhile(open.install(await open.sources.make('throws-at-once')))
  expect(open.apps.state(thrown.key).crash?.lastLines.join('\n')).toContain('Error: A mistake in the app')
})

test('never listens, or never answers: ended after 10 s', async () => {
  const began = clock.now()
  const silent = await meanwhile(open.install(await open.sources.make('never-listens')), 100)
  const { crash } = open.apps.state(silent.key)
  expect(crash?.reason).toContain('It did not listen within 10 seconds')
  expect((crash?.at ?? 0) - began).toBeGreaterThanOrEqual(10_000)
  await open.apps.stop('system', silent.key)

  const mute = await meanwhile(open.install(await open.sources.make('never-answers')), 100)
  expect(open.apps.state(mute.key).crash?.reason).toContain('It listens, but did not answer')
  await open.apps.stop('system', mute.key)
})

test('listens late, but within 10 s: it runs', async () => {
  const record = await meanwhile(open.install(await open.sources.make('listens-late')), 10)
  expect(open.apps.state(record.key).state).toBe('running')
})

test('a crash after a minute of running counts as the first', async () => {
  const record = await meanwhile(open.install(await open.sources.make('crashes-on-request')))
  const crash = async () => {
    await askApp(open, record.key, '/crash').catch(() => {})
    await until(() => open.apps.state(record.key).state === 'crashed')
    return (open.apps.state(record.key).crash?.nextTryAt ?? 0) - clock.now()
  }
  const again = () => meanwhile(until(() => open.apps.state(record.key).state === 'running'))
  expect(await crash()).toBe(1000)
  expect(open.apps.state(record.key).crash).toMatchObject({
    exitCode: 7,
    reason: 'It ended by itself, with exit code 7.',
    lastLines: ['told to crash'],
  })
  await expect(open.apps.ensureRunning(record.key)).rejects.toThrow('It is tried again in a moment.')
  await again()
  expect(await crash()).toBe(2000)
  await again()
  clock.advance(LIMITS.restartForgivenAfter)
  expect(await crash()).toBe(1000)
  expect(open.apps.state(record.key).restarts).toBe(2)
})

test('a stop ends the trying', async () => {
  const record = await meanwhile(open.install(await open.sources.make('exits-at-once')))
  await open.apps.stop('system', record.key)
  clock.advance(3_600_000)
  expect(open.apps.state(record.key)).toMatchObject({ state: 'stopped', crash: null })
})

test('A45: an app that ignores SIGTERM is killed after 5 s', async () => {
  const record = await meanwhile(open.install(await open.sources.make('ignores-sigterm')))
  const pid = open.apps.state(record.key).process?.pid ?? 0
  const stop = open.apps.stop('system', record.key)
  // It says so when it has got the signal.
  await until(async () => (await open.apps.logs(record.key, { limit: 10 })).some((line) => line.text === 'no'))
  clock.advance(LIMITS.appStopTimeout - 1)
  expect(open.apps.state(record.key).state).toBe('stopping')
  expect(lives(pid)).toBe(true)
  clock.advance(1)
  await stop
  expect(lives(pid)).toBe(false)
})

test('a start file that went away is one sentence, and is not tried again', async () => {
  const folder = await open.sources.make('echo')
  const record = await meanwhile(open.install(folder))
  await open.apps.stop('system', record.key)
  await unlink(join(folder, 'index.js'))
  await expect(open.apps.start('system', record.key)).rejects.toThrow("The app's start file index.js is missing.")
  expect(open.apps.state(record.key).crash?.nextTryAt).toBeNull()
})

test('a Node that cannot be started is a crash with a reason', async () => {
  const other = await openApps({ clock, node: { execPath: '/nowhere/node', env: {} } })
  try {
    const record = await meanwhile(other.install(await other.sources.make('echo')))
    expect(other.apps.state(record.key).crash?.reason).toContain('It could not be started')
  } finally {
    await other.close()
  }
})
