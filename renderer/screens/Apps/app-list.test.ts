import { expect, test } from 'vitest'
import { appSummary } from '../../testing/rows.ts'
import { type AppListOptions, listApps, ownerLabel } from './app-list.ts'

const running = { pid: 1, startedAt: 0, cpuPercent: null }
const apps = [
  appSummary({ key: 'n', title: 'Notes', owner: 'k1', ownerName: 'alice', process: { ...running, memoryBytes: 50 } }),
  appSummary({ key: 'c', title: 'Chat', state: 'crashed', activity: { requests: [1, 2], errors: [0, 2] } }),
  appSummary({ key: 'h', title: 'Hello', state: 'stopped', owner: 'k2', ownerName: null, description: 'Who am I' }),
  appSummary({
    key: 'w',
    title: 'Wiki',
    process: { ...running, memoryBytes: 90 },
    activity: { requests: [9], errors: [0] },
  }),
]
const options: AppListOptions = { search: '', sort: 'title', descending: false, groupByOwner: false }
const titles = (part: Partial<AppListOptions>) =>
  listApps(apps, { ...options, ...part }).map((group) => [group.owner, group.apps.map(({ title }) => title).join(' ')])

test.each([
  [{ sort: 'title' }, 'Chat Hello Notes Wiki'],
  [{ sort: 'title', descending: true }, 'Wiki Notes Hello Chat'],
  [{ sort: 'state' }, 'Chat Notes Wiki Hello'],
  [{ sort: 'memory', descending: true }, 'Wiki Notes Chat Hello'],
  [{ sort: 'requests', descending: true }, 'Wiki Chat Hello Notes'],
  [{ sort: 'owner' }, 'Hello Notes Chat Wiki'],
] as [Partial<AppListOptions>, string][])('%o gives %s', (part, list) => expect(titles(part)).toEqual([[null, list]]))

test('every word of a search must be in title, ID, description, owner or key', () => {
  expect(titles({ search: 'WHO hello' })).toEqual([[null, 'Hello']])
  expect(titles({ search: 'alice' })).toEqual([[null, 'Notes']])
  expect(titles({ search: 'everyone chat' })).toEqual([[null, 'Chat']])
  expect(titles({ search: 'notes chat' })).toEqual([[null, '']])
})

test('grouped by owner, what is everyone’s comes first', () => {
  expect(titles({ groupByOwner: true })).toEqual([
    ['Everyone', 'Chat Wiki'],
    ['A deleted user', 'Hello'],
    ['alice', 'Notes'],
  ])
})

test('two owners without a name are two groups', () => {
  const lost = [
    appSummary({ key: 'a', owner: 'k8', ownerName: null }),
    appSummary({ key: 'b', owner: 'k9', ownerName: null }),
  ]
  expect(listApps(lost, { ...options, groupByOwner: true })).toHaveLength(2)
  expect(ownerLabel({ owner: 'k8', ownerName: null })).toBe('A deleted user')
})
