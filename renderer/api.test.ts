import { afterEach, expect, test, vi } from 'vitest'
import { CallError, control, desktop, toCallError } from './api.ts'

const answers = (answer: unknown) =>
  vi.stubGlobal('window', { atek: { control: async () => answer, desktop: async () => answer } })
afterEach(() => vi.unstubAllGlobals())

test('a value is unwrapped', async () => {
  answers({ ok: true, value: [1] })
  expect(await control('apps.list', {})).toEqual([1])
  answers({ ok: true, value: undefined })
  expect(await desktop('panel.signOut', {})).toBeUndefined()
})

test('an error as data is thrown with its code, sentence and details', async () => {
  answers({ ok: false, error: { code: 'ID_TAKEN', message: 'Taken.', details: { id: 'notes' } } })
  const error = await control('apps.list', {}).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(CallError)
  expect(error).toMatchObject({ code: 'ID_TAKEN', message: 'Taken.', details: { id: 'notes' } })
})

test('anything else is a broken connection, as a sentence', async () => {
  answers('nonsense')
  await expect(control('apps.list', {})).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(toCallError(new TypeError('x is not a function')).message).toMatch(/lost its connection/)
  vi.stubGlobal('window', {})
  await expect(control('apps.list', {})).rejects.toThrow('This page works inside Atek only.')
})
