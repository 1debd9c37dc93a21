import { expect, test } from 'vitest'
import { assertAddonLoadable } from './native-addon.ts'

test('a Node that would crash on the ready-made file is told so before', () => {
  expect(() => assertAddonLoadable(9, '/nowhere/better_sqlite3.node')).toThrow(/Node-API 9/)
})

test('a Node that can load it, or one with a file of its own, goes on', () => {
  expect(() => assertAddonLoadable(10, '/nowhere/better_sqlite3.node')).not.toThrow()
  expect(() => assertAddonLoadable(9, import.meta.filename)).not.toThrow()
  expect(() => assertAddonLoadable()).not.toThrow()
})
