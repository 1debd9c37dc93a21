import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PanelInfo } from '../../electron/ipc/contract.ts'
import type { AppSummary } from '../../runtime/contract/models.ts'
import { appSummary } from '../testing/rows.ts'
import { appsStore } from './apps.ts'
import { receive } from './events.ts'
import { forgetEverything, loadApps } from './load.ts'
import { panelStore } from './panel.ts'
import { QUERY, queryClient } from './queries.ts'
import { onTrafficWaiting } from './traffic/waiting.ts'

const alice = { key: 'a'.repeat(32), username: 'alice', role: 'admin', createdAt: 0 } as const
const info = (state: PanelInfo['state']): PanelInfo => ({ state, notices: [], keychain: true, platform: 'linux' })
const ready = info({ phase: 'ready', me: { user: alice, sessionId: 's' } })
const locked = info({ phase: 'locked', lastUsername: 'alice' })
const nowhere = () => undefined

beforeEach(() => panelStore.set(ready))
afterEach(() => {
  forgetEverything()
  vi.unstubAllGlobals()
})

test('announcements reach the stores', () => {
  receive({ type: 'runtime', events: [{ type: 'app-changed', app: appSummary({ key: 'n' }) }] }, nowhere)
  expect(appsStore.get().byKey.has('n')).toBe(true)
  const waiting = vi.fn()
  const stop = onTrafficWaiting(waiting)
  receive({ type: 'traffic-waiting' }, nowhere)
  stop()
  receive({ type: 'traffic-waiting' }, nowhere)
  expect(waiting).toHaveBeenCalledTimes(1)
})

test('without a signed-in person nothing is taken in', () => {
  receive({ type: 'panel', info: locked }, nowhere)
  receive({ type: 'runtime', events: [{ type: 'app-changed', app: appSummary({ key: 'n' }) }] }, nowhere)
  expect(appsStore.get().byKey.size).toBe(0)
})

test('an answer that the person before had asked for is dropped', async () => {
  let answer: (apps: AppSummary[]) => void = nowhere
  const control = () =>
    new Promise((resolve) => {
      answer = (apps) => resolve({ ok: true, value: apps })
    })
  vi.stubGlobal('window', { atek: { control } })
  const loading = loadApps()
  forgetEverything()
  answer([appSummary({ key: 'secret' })])
  await loading
  expect(appsStore.get()).toMatchObject({ status: 'loading' })
  expect(appsStore.get().byKey.size).toBe(0)
})

test('forgetting leaves the desktop’s own preferences and nothing else', () => {
  queryClient.setQueryData(QUERY.preferences, { theme: 'dark' })
  queryClient.setQueryData(QUERY.users, [alice])
  forgetEverything()
  expect(queryClient.getQueryData(QUERY.preferences)).toEqual({ theme: 'dark' })
  expect(queryClient.getQueryData(QUERY.users)).toBeUndefined()
})

test('the menu and the tray may lead somewhere', () => {
  const navigate = vi.fn()
  receive({ type: 'navigate', to: '/settings' }, navigate)
  expect(navigate).toHaveBeenCalledWith('/settings')
})
