import { expect, test } from 'vitest'
import { appSummary } from '../testing/rows.ts'
import { noApps, reduceApps } from './apps.ts'

const loaded = reduceApps(noApps, { type: 'apps-loaded', apps: [appSummary({ key: 'a' }), appSummary({ key: 'b' })] })

test('the list is kept by key', () => {
  expect(loaded.status).toBe('ready')
  expect([...loaded.byKey.keys()]).toEqual(['a', 'b'])
})

test('an announced app replaces its older self or joins the list; a removed one leaves', () => {
  const changed = reduceApps(loaded, { type: 'app-changed', app: appSummary({ key: 'a', state: 'crashed' }) })
  expect(changed.byKey.get('a')?.state).toBe('crashed')
  expect(changed.byKey.get('b')).toBe(loaded.byKey.get('b'))
  const joined = reduceApps(changed, { type: 'app-changed', app: appSummary({ key: 'c' }) })
  expect([...reduceApps(joined, { type: 'app-removed', key: 'a' }).byKey.keys()]).toEqual(['b', 'c'])
})

test('what was announced while the list was on its way wins over the list', () => {
  let state = reduceApps(noApps, { type: 'apps-loading' })
  state = reduceApps(state, { type: 'app-changed', app: appSummary({ key: 'a', state: 'running' }) })
  state = reduceApps(state, { type: 'app-removed', key: 'b' })
  const list = [appSummary({ key: 'a', state: 'starting' }), appSummary({ key: 'b' })]
  state = reduceApps(state, { type: 'apps-loaded', apps: list })
  expect([...state.byKey.values()].map(({ key, state: word }) => [key, word])).toEqual([['a', 'running']])
  expect(state.early.size).toBe(0)
})

test('a list that did not come leaves what is known', () => {
  const error = { code: 'INTERNAL', message: 'No.' } as const
  const failed = reduceApps(reduceApps(loaded, { type: 'apps-loading' }), { type: 'apps-failed', error })
  expect(failed).toMatchObject({ status: 'failed', error })
  expect(failed.byKey.size).toBe(2)
})

test('other events change nothing at all', () => {
  expect(reduceApps(loaded, { type: 'traffic-cleared' })).toBe(loaded)
})
