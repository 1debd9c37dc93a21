import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PANEL_CSP } from './csp.ts'
import { mayOpenExternally } from './external-links.ts'
import { panelFile } from './panel-file.ts'

const own = { domain: 'localhost', port: 8420 }

describe('A61: what may be handed to the system browser', () => {
  test.each(['http://atek.localhost:8420/_atek/open?ticket=x', 'http://notes.localhost:8420/'])('%s', (address) => {
    expect(mayOpenExternally(address, own)).toBe(true)
  })

  test.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'ms-msdt:/id',
    'ftp://notes.localhost:8420/',
    'http://notes.localhost:8421/',
    'http://notes.localhost/',
    'http://evil.test:8420/',
    'http://localhost.evil.test:8420/',
    'http://notes.localhost:8420@evil.test/',
    'http://me:pw@notes.localhost:8420/',
    'http://a.b.localhost:8420/',
    'http://evillocalhost:8420/',
    'not an address',
  ])('never %s', (address) => {
    expect(mayOpenExternally(address, own)).toBe(false)
  })
})

describe('C45: addresses of the panel', () => {
  const folder = join('/', 'app', 'out', 'renderer')

  test('lead to files in its folder', () => {
    expect(panelFile(folder, 'atek://panel/')).toBe(join(folder, 'index.html'))
    expect(panelFile(folder, 'atek://panel/assets/a.js?x#y')).toBe(join(folder, 'assets', 'a.js'))
  })

  test.each([
    'atek://panel/%2e%2e%2fmain/main.js',
    'atek://panel/..%2fmain%2fmain.js',
    'atek://panel/..%5cmain',
    'atek://panel/%00',
    'atek://panel/%zz',
    'atek://other/index.html',
    'file:///etc/passwd',
    'nonsense',
  ])('or to nothing: %s', (address) => {
    expect(panelFile(folder, address)).toBeNull()
  })
})

test('C27: the panel’s policy allows no foreign or inline script and nothing to connect to', () => {
  const policy = new Map(PANEL_CSP.split('; ').map((line) => [line.split(' ')[0], line.split(' ').slice(1).join(' ')]))
  expect(policy.get('default-src')).toBe("'none'")
  expect(policy.get('script-src')).toBe("'self'")
  expect(policy.get('connect-src')).toBe("'none'")
  expect(policy.get('frame-ancestors')).toBe("'none'")
})
