import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clearCookie, cookieValues, isHostCookie, setCookie, setCookieName, withoutHostCookies } from './cookies.ts'

test('a cookie is found in every Cookie header, each different value once', () => {
  const raw = ['Cookie', 'a=1; atek_app=x', 'cookie', 'atek_app=y;atek_app=x', 'X-Cookie', 'atek_app=z']
  expect(cookieValues(raw, 'atek_app')).toEqual(['x', 'y'])
  expect(cookieValues(raw, 'atek_session')).toEqual([])
  expect(cookieValues(['Cookie', 'Atek_App=x; atek_app_2=y; xatek_app=z'], 'atek_app')).toEqual([])
})

test('A13: thousands of values of one cookie are two', () => {
  const many = Array.from({ length: 3000 }, (_, i) => `atek_app=${i}`)
  expect(cookieValues(['Cookie', many.join(';'), 'Cookie', 'atek_app=last'], 'atek_app')).toEqual(['0', '1'])
})

test('A06: taking the host’s cookies out leaves the others as they were', () => {
  expect(withoutHostCookies('a=1; b=2')).toEqual({ kept: 'a=1; b=2', stripped: [] })
  expect(withoutHostCookies('a=1; atek_app=x;  b="2"')).toEqual({ kept: 'a=1;  b="2"', stripped: ['atek_app'] })
  expect(withoutHostCookies('atek_app=x; ATEK_Session')).toEqual({ kept: null, stripped: ['atek_app', 'ATEK_Session'] })
  for (const name of ['__Host-atek_session', '__Secure-atek_app', 'atek_']) expect(isHostCookie(name)).toBe(true)
  for (const name of ['atek', 'xatek_app', '__Host-x', 'atekapp']) expect(isHostCookie(name)).toBe(false)
})

test('A06: whatever the host reads as its cookie is also what it takes out', () => {
  const piece = fc.constantFrom('atek_app', 'atek_session', '=', ';', ' ', '"', ',', 'x', '\t', '\\', 'a=b')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const header = pieces.join('')
      const { kept } = withoutHostCookies(header)
      for (const name of ['atek_app', 'atek_session']) {
        expect(cookieValues(['Cookie', kept ?? ''], name)).toEqual([])
      }
    }),
  )
})

test('C29: cookies are written as the design says', () => {
  expect(setCookie('atek_app', 'x', { secure: false, maxAge: 5 })).toBe(
    'atek_app=x; Path=/; HttpOnly; SameSite=Lax; Max-Age=5',
  )
  expect(setCookie('atek_app', 'x', { secure: true, maxAge: 5 })).toMatch(/; Secure$/)
  expect(clearCookie('atek_app', { secure: false })).toBe('atek_app=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0')
  expect([' a = 1; Path=/', 'a', 'a;b=c'].map(setCookieName)).toEqual(['a', 'a', 'a'])
})

test('A06: a cookie without a name is known by the name under which it comes back', () => {
  expect(['=atek_app=x', ' = atek_app = x; Path=/', '=', ''].map(setCookieName)).toEqual([
    'atek_app',
    'atek_app',
    '',
    '',
  ])
})
