import type { AppState, AppSummary } from '../../../runtime/contract/models.ts'

export type AppSort = 'title' | 'owner' | 'state' | 'memory' | 'requests'

export interface AppListOptions {
  search: string
  sort: AppSort
  descending: boolean
  groupByOwner: boolean
}

export interface AppGroup {
  /** null when the list is not grouped. */
  owner: string | null
  apps: AppSummary[]
}

/** What needs a person comes first. */
const STATE_ORDER: Record<AppState, number> = {
  crashed: 0,
  unreachable: 0,
  installing: 1,
  starting: 2,
  stopping: 3,
  running: 4,
  stopped: 5,
}

export function ownerLabel(app: Pick<AppSummary, 'owner' | 'ownerName'>): string {
  return app.owner === 'system' ? 'Everyone' : (app.ownerName ?? 'A deleted user')
}

export function requestCount(app: AppSummary): number {
  return app.activity.requests.reduce((sum, count) => sum + count, 0)
}

/** The apps as they are listed: searched, sorted, and in groups. */
export function listApps(apps: Iterable<AppSummary>, options: AppListOptions): AppGroup[] {
  const words = options.search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = [...apps].filter((app) => words.every((word) => searchText(app).includes(word)))
  const sign = options.descending ? -1 : 1
  found.sort((a, b) => sign * compare(a, b, options.sort) || byTitle(a, b))
  if (!options.groupByOwner) return [{ owner: null, apps: found }]

  const groups = new Map<string, AppSummary[]>()
  for (const app of found) {
    const list = groups.get(app.owner)
    if (list === undefined) groups.set(app.owner, [app])
    else list.push(app)
  }
  return [...groups.values()]
    .map((list) => ({ owner: list[0] === undefined ? '' : ownerLabel(list[0]), apps: list }))
    .sort((a, b) => Number(b.owner === 'Everyone') - Number(a.owner === 'Everyone') || a.owner.localeCompare(b.owner))
}

function searchText(app: AppSummary): string {
  return `${app.title}\n${app.id}\n${app.description}\n${ownerLabel(app)}\n${app.key}`.toLowerCase()
}

function compare(a: AppSummary, b: AppSummary, sort: AppSort): number {
  switch (sort) {
    case 'title':
      return byTitle(a, b)
    case 'owner':
      return ownerLabel(a).localeCompare(ownerLabel(b))
    case 'state':
      return STATE_ORDER[a.state] - STATE_ORDER[b.state]
    case 'memory':
      return (a.process?.memoryBytes ?? -1) - (b.process?.memoryBytes ?? -1)
    case 'requests':
      return requestCount(a) - requestCount(b)
  }
}

function byTitle(a: AppSummary, b: AppSummary): number {
  return a.title.localeCompare(b.title) || a.id.localeCompare(b.id)
}
