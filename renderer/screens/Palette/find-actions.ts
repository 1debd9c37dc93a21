import type { ReactNode } from 'react'

export interface PaletteAction {
  id: string
  label: string
  description?: string
  icon: ReactNode
  run(): void
}

export interface PaletteGroup {
  group: string
  actions: PaletteAction[]
}

/** How many of a group are shown; more words narrow it down. */
const MOST = 8
/** While nothing is typed only a few of each are shown. */
const FIRST = 5

/** Actions whose label or description holds every word; labels that begin with the first word come first. */
export function findActions(groups: readonly PaletteGroup[], query: string): PaletteGroup[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return groups
    .map(({ group, actions }) => ({ group, actions: pick(actions, words) }))
    .filter(({ actions }) => actions.length > 0)
}

function pick(actions: readonly PaletteAction[], words: readonly string[]): PaletteAction[] {
  const first = words[0]
  if (first === undefined) return actions.slice(0, FIRST)
  const found = actions.filter((action) => {
    const text = `${action.label} ${action.description ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const begins = (action: PaletteAction) => Number(action.label.toLowerCase().startsWith(first))
  return found.sort((a, b) => begins(b) - begins(a)).slice(0, MOST)
}
