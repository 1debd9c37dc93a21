import { expect, test } from 'vitest'
import { findActions } from './find-actions.ts'

const action = (label: string, description?: string) => ({
  id: label,
  label,
  ...(description === undefined ? {} : { description }),
  icon: null,
  run: () => undefined,
})
const groups = [
  { group: 'Apps', actions: [action('My notes', 'notes.localhost'), action('Notes'), action('Chat')] },
  { group: 'Actions', actions: Array.from({ length: 20 }, (_, index) => action(`Open app ${index}`)) },
]
const labels = (query: string) => findActions(groups, query).map(({ actions }) => actions.map(({ label }) => label))

test('every word counts, in label or description; what begins with the first word comes first', () => {
  expect(labels('notes')).toEqual([['Notes', 'My notes']])
  expect(labels('notes localhost')).toEqual([['My notes']])
  expect(labels('nothing')).toEqual([])
})

test('long groups are cut, and shorter still while nothing is typed', () => {
  expect(labels('open')[0]).toHaveLength(8)
  expect(labels('')[1]).toHaveLength(5)
})
