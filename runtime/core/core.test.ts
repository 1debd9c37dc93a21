import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { delay } from './clock.ts'
import { containedPath } from './contained-path.ts'
import { DisposableStore, toDisposable } from './disposable.ts'
import { Emitter } from './emitter.ts'
import { equalSecrets, isTokenForm, newKey, newToken, systemRandom } from './ids.ts'
import { createLogger } from './logger.ts'
import { maskHeader, maskPath, maskText } from './mask.ts'

describe('disposables', () => {
  test('are disposed once, last first, all of them even when one throws', () => {
    const order: string[] = []
    const store = new DisposableStore()
    store.add(toDisposable(() => order.push('a')))
    store.add(
      toDisposable(() => {
        throw new Error('b')
      }),
    )
    store.add(toDisposable(() => order.push('c')))
    expect(() => store.dispose()).toThrow(AggregateError)
    store.dispose()
    expect(order).toEqual(['c', 'a'])
  })

  test('added to a store that is disposed already are disposed at once', () => {
    let disposed = false
    const store = new DisposableStore()
    store.dispose()
    store.add(toDisposable(() => (disposed = true)))
    expect(disposed).toBe(true)
  })
})

describe('emitter', () => {
  test('a listener that throws harms neither the others nor the source', () => {
    const errors: unknown[] = []
    const heard: number[] = []
    const emitter = new Emitter<number>((error) => errors.push(error))
    emitter.on(() => {
      throw new Error('no')
    })
    const second = emitter.on((value) => heard.push(value))
    emitter.fire(1)
    second.dispose()
    emitter.fire(2)
    expect(heard).toEqual([1])
    expect(errors).toHaveLength(2)
  })
})

describe('clock', () => {
  test('a delay ends when its time has come, or with the reason of its signal', async () => {
    const clock = new ManualClock()
    const waited = delay(clock, 1000)
    clock.advance(1000)
    await waited
    const controller = new AbortController()
    const aborted = delay(clock, 1000, controller.signal)
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
  })
})

describe('identifiers', () => {
  test('keys have 128 bits and tokens 256', () => {
    expect(newKey(systemRandom)).toMatch(/^[0-9a-f]{32}$/)
    const token = newToken(systemRandom)
    expect(isTokenForm(token)).toBe(true)
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    expect(isTokenForm(`${token}=`)).toBe(false)
    expect(equalSecrets(token, token)).toBe(true)
    expect(equalSecrets(token, newToken(systemRandom))).toBe(false)
  })
})

describe('C51: secrets are masked', () => {
  test.each([
    ['/a?bst=abc&x=1', '/a?bst=•••&x=1'],
    ['/_atek/open?ticket=abc', '/_atek/open?ticket=•••'],
    ['/plain?q=bst', '/plain?q=bst'],
  ])('in the path %s', (path, masked) => {
    expect(maskPath(path)).toBe(masked)
  })

  test.each([
    ['Authorization', 'Bearer abc.def', 'Bearer •••'],
    ['Cookie', 'a=1; b=2', 'a=•••; b=•••'],
    ['Set-Cookie', 'a=1; Path=/; HttpOnly', 'a=•••; Path=/; HttpOnly'],
    ['Location', 'http://x/?bst=1', 'http://x/?bst=•••'],
    ['X-Api-Key', 'k', '•••'],
    ['Accept', 'text/html', 'text/html'],
  ])('in the header %s', (name, value, masked) => {
    expect(maskHeader(name, value)).toBe(masked)
  })

  test('in a line of the log', () => {
    const lines: string[] = []
    createLogger(
      (line) => lines.push(line),
      () => 0,
    ).info('called with Bearer abc', { url: '/?token=xyz' })
    expect(lines[0]).not.toMatch(/abc|xyz/)
    expect(maskText('authorization: bearer q1w2')).toBe('authorization: bearer •••')
  })
})

describe('C45: a path from outside stays inside its root', () => {
  test('or is refused: by .., absolute, zero byte, or a link', async () => {
    const root = await mkdtemp(join(tmpdir(), 'atek-root-'))
    try {
      await mkdir(join(root, 'in'))
      await symlink(tmpdir(), join(root, 'out'))
      expect(await containedPath(root, 'in/file.js')).toBe(join(root, 'in/file.js'))
      expect(await containedPath(root, '.')).toBe(root)
      for (const path of ['../x', 'in/../../x', '/etc/passwd', 'out/x', 'in/a\0b']) {
        await expect(containedPath(root, path), path).rejects.toMatchObject({ code: 'BAD_INPUT' })
      }
    } finally {
      await rm(root, { recursive: true })
    }
  })
})
