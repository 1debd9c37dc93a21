import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../runtime/contract/limits.ts'
import type { AppSummary } from '../../runtime/contract/models.ts'
import { DESKTOP } from './contract.ts'
import { foldEvents } from './events.ts'
import { parseIpcText } from './parse.ts'
import { assertSender } from './sender.ts'

const ORIGIN = 'atek://panel'

describe('A60: who may call', () => {
  const mainFrame = { origin: ORIGIN }
  const panel = { mainFrame }

  test('the panel’s own page', () => {
    expect(() => assertSender({ sender: panel, senderFrame: mainFrame }, panel, ORIGIN)).not.toThrow()
  })

  test.each([
    ['a frame inside it', { sender: panel, senderFrame: { origin: ORIGIN } }, panel],
    ['another window', { sender: { mainFrame }, senderFrame: mainFrame }, panel],
    ['a frame that is gone', { sender: panel, senderFrame: null }, panel],
    ['anybody while there is no panel', { sender: panel, senderFrame: mainFrame }, null],
  ])('not %s', (_who, event, current) => {
    expect(() => assertSender(event, current, ORIGIN)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }))
  })

  test('not another origin in the panel’s place', () => {
    const frame = { origin: 'http://evil.test' }
    const taken = { mainFrame: frame }
    expect(() => assertSender({ sender: taken, senderFrame: frame }, taken, ORIGIN)).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    )
  })
})

describe('A60: what may cross', () => {
  test('JSON text within its limit', () => {
    expect(parseIpcText('{"key":"a"}')).toEqual({ key: 'a' })
  })

  test.each([
    ['an object', { key: 'a' }, 'BAD_INPUT'],
    ['no text', undefined, 'BAD_INPUT'],
    ['broken JSON', '{', 'BAD_INPUT'],
    ['a prototype key', '{"a":{"__proto__":{"admin":true}}}', 'BAD_INPUT'],
    ['a constructor key', '{"constructor":{"prototype":1}}', 'BAD_INPUT'],
    ['100 MB', 'x'.repeat(100 * 1024 * 1024), 'TOO_LARGE'],
    ['one character too many', `"${'x'.repeat(LIMITS.ipcBytes)}"`, 'TOO_LARGE'],
  ])('not %s', (_what, text, code) => {
    expect(() => parseIpcText(text)).toThrow(expect.objectContaining({ code }))
  })

  test('no method takes keys that it does not know, or the wrong types', () => {
    for (const [name, { input }] of Object.entries(DESKTOP)) {
      expect(input.safeParse({ surplus: 1 }).success, name).toBe(false)
      expect(input.safeParse([]).success, name).toBe(false)
      expect(input.safeParse('text').success, name).toBe(false)
    }
  })
})

test('of several states of one app, the last crosses', () => {
  const app = (key: string, state: string) => ({ type: 'app-changed', app: { key, state } as AppSummary }) as const
  expect(
    foldEvents([app('a', 'starting'), { type: 'traffic-cleared' }, app('b', 'stopped'), app('a', 'running')]),
  ).toEqual([{ type: 'traffic-cleared' }, app('b', 'stopped'), app('a', 'running')])
})
