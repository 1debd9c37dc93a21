import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Addresses } from './addresses.ts'
import { route } from './route.ts'

const addresses = new Addresses('localhost')
addresses.port = 8420
const to = (host: string, target = '/') => route(['Host', host], target, addresses)

test('our names lead to the host, the bare domain and the apps, with our port or none, in any case', () => {
  for (const port of ['', ':8420']) {
    expect(to(`localhost${port}`)).toMatchObject({ to: 'bare' })
    expect(to(`atek.localhost${port}`)).toMatchObject({ to: 'host' })
    expect(to(`notes.localhost${port}`)).toMatchObject({ to: 'app', label: 'notes', host: `notes.localhost${port}` })
    expect(to(`NOTES.LocalHost${port}`)).toMatchObject({ to: 'app', label: 'notes' })
  }
})

test.each([
  ['app.evil.test'],
  ['localhost.evil.test'],
  ['evil.test:8420'],
  ['notlocalhost:8420'],
  ['notes.localhost:80'],
  ['notes.localhost:8421'],
  ['notes.localhost:08420'],
  ['notes.localhost:'],
  ['notes.localhost:8420:8420'],
  ['notes.localhost.'],
  ['notes.localhost.:8420'],
  ['localhost.'],
  ['a.notes.localhost'],
  ['.localhost'],
  ['..localhost'],
  ['127.0.0.1:8420'],
  ['127.0.0.1'],
  ['[::1]:8420'],
  ['::1'],
  ['0.0.0.0:8420'],
  ['2130706433:8420'],
  ['user@notes.localhost'],
  ['user:8420@notes.localhost:8420'],
  ['notes_.localhost'],
  ['nötes.localhost'],
  ['notes .localhost'],
  ['notes.localhost, atek.localhost'],
  ['notes.localhost/'],
  ['notes.localhost#'],
  [''],
  [' '],
  [`${'a'.repeat(64)}.localhost`],
])('A12 A20: a Host header of %j is none of our names', (host) => {
  expect(to(host)).toMatchObject({ to: 'nowhere', code: 'MISDIRECTED' })
})

test('A12: no Host header, or two, is not answered', () => {
  expect(route([], '/', addresses)).toMatchObject({ to: 'nowhere' })
  expect(route(['Host', 'notes.localhost', 'hOsT', 'notes.localhost'], '/', addresses)).toMatchObject({ to: 'nowhere' })
})

test('A12: a target in absolute form has to name the same host', () => {
  const host = 'notes.localhost:8420'
  expect(to(host, `http://${host}/a?b`)).toMatchObject({ to: 'app', path: '/a?b' })
  expect(to(host, `HTTP://Notes.Localhost:8420`)).toMatchObject({ to: 'app', path: '/' })
  expect(to(host, `http://${host}?b`)).toMatchObject({ to: 'app', path: '/?b' })
  for (const target of [
    'http://atek.localhost:8420/',
    'http://notes.localhost/',
    'https://notes.localhost:8420/',
    'http://evil.test/',
    'http://notes.localhost:8420@evil.test/',
    'ftp://notes.localhost:8420/',
    'notes.localhost:8420',
    '',
  ]) {
    expect(to(host, target), target).toMatchObject({ to: 'nowhere', code: 'MISDIRECTED' })
  }
  expect(to(host, '*')).toMatchObject({ to: 'nowhere', code: 'BAD_REQUEST' })
})

test('A20: whatever the Host header says, only a name of ours is a destination', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', '.localhost', 'localhost', ':8420'),
      (text, end) => {
        const found = to(text + end)
        if (found.to === 'nowhere') return
        const name = (text + end).toLowerCase().replace(/:8420$/, '')
        expect(name).toMatch(/^([a-z0-9-]{1,63}\.)?localhost$/)
      },
    ),
  )
})
