import { expect, test } from 'vitest'
import { clientName } from './client-name.ts'

const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36'

test.each([
  ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0'],
  ['Chrome on Windows', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME}`],
  ['Edge on Windows', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Edg/130.0.0.0`],
  ['Opera on macOS', `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${CHROME} OPR/115.0.0.0`],
  ['Chrome on Android', `Mozilla/5.0 (Linux; Android 14; Pixel 8) ${CHROME}`],
  [
    'Safari on macOS',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15',
  ],
  [
    'Safari on iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1',
  ],
  ['Atek Desktop on Linux', `Mozilla/5.0 (X11; Linux x86_64) ${CHROME} Electron/33.2.1`],
  ['curl', 'curl/8.5.0'],
  ['a Node program', 'node'],
  ['an unknown client', ''],
  ['an unknown client', undefined],
  ['an unknown client', '<script>alert(1)</script>'],
  ['an unknown client on Linux', 'Lynx/2.9 (Linux)'],
])('%s', (words, userAgent) => {
  expect(clientName(userAgent)).toBe(words)
})

test('A29: nothing of what the client sent comes out', () => {
  expect(clientName('<b>\u202E\u001b[31m Firefox/1 Linux')).toBe('Firefox on Linux')
})
