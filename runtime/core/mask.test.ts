import { expect, test } from 'vitest'
import { MASK, maskHeader, maskPath, maskText } from './mask.ts'

test('C51: secrets in an address inside an address are masked, however often it is encoded', () => {
  const inner = '/in?token=hush&x=1'
  const once = `/_atek/bind-session?path=${encodeURIComponent(inner)}&service=a`
  expect(maskPath(once)).toBe(`/_atek/bind-session?path=%2Fin%3Ftoken%3D${MASK}%26x%3D1&service=a`)
  const twice = `/_atek/login?redirect=${encodeURIComponent(once)}`
  const thrice = `/x?to=${encodeURIComponent(twice)}`
  for (const address of [twice, thrice]) {
    expect(maskPath(address)).not.toContain('hush')
    expect(maskPath(address)).toContain('service%')
  }
})

test.each([
  ['/cb?access_token=hush&x=1', `/cb?access_token=${MASK}&x=1`],
  ['/cb#id_token=hush&state=1', `/cb#id_token=${MASK}&state=1`],
  ['/x?a&client_secret=hu?sh', `/x?a&client_secret=${MASK}`],
  ['/x?api_key=hush', `/x?api_key=${MASK}`],
  ['/x?t%6Fken=hush', `/x?t%6Fken=${MASK}`],
  ['/x?user[password]=hush', `/x?user[password]=${MASK}`],
  ['/x?user%5Bpassword_again%5D=hush', `/x?user%5Bpassword_again%5D=${MASK}`],
  ['/x?to=/in?apiKey=hush', `/x?to=/in?apiKey=${MASK}`],
  ['/x?to=%2Fin%3Fq%3D1%26refresh_token%3Dhush%26y%3D2', `/x?to=%2Fin%3Fq%3D1%26refresh_token%3D${MASK}%26y%3D2`],
  ['/token=1/x?page=2&%zz=1', '/token=1/x?page=2&%zz=1'],
])('C51: others call their secrets otherwise: %s', (path, masked) => {
  expect(maskPath(path)).toBe(masked)
})

test('C51: headers with a secret’s name, and addresses in any header', () => {
  for (const name of [
    'X-Vault-Token',
    'Private-Token',
    'X-Goog-Api-Key',
    'apikey',
    'X_Api_Key',
    'X-Session-Id',
    'Cookie2',
  ]) {
    expect(maskHeader(name, 'hush')).toBe(MASK)
  }
  expect(maskHeader('X-Original-Url', '/a?token=hush')).toBe(`/a?token=${MASK}`)
  for (const name of ['Atek-Auth-User', 'Sec-WebSocket-Key', 'X-Author', 'Access-Control-Allow-Credentials']) {
    expect(maskHeader(name, 'plain')).toBe('plain')
  }
})

test('C51: the host’s tokens and JWTs are masked wherever they stand', () => {
  const jwt = `eyJ${'a'.repeat(30)}.eyJ${'b'.repeat(40)}.${'c-_'.repeat(10)}`
  const refresh = `atekr_${'x-_'.repeat(21)}`
  for (const token of [jwt, refresh]) {
    expect(maskPath(`/files/${token}/raw`)).toBe(`/files/${MASK}/raw`)
    expect(maskPath(`/x?q=Bearer%20${token}&y=1`)).toBe(`/x?q=Bearer%20${MASK}&y=1`)
    expect(maskHeader('X-Note', `see ${token}, please`)).toBe(`see ${MASK}, please`)
    expect(maskHeader('Authorization', `Bearer ${token}`)).toBe(`Bearer ${MASK}`)
    expect(maskText(`{"refresh":"${token}"} sent`)).toBe(`{"refresh":"${MASK}"} sent`)
  }
  expect(maskPath('/eyJ/a.b.c')).toBe('/eyJ/a.b.c')
})

test('A13: masking takes no longer than what it masks is long', () => {
  const started = performance.now()
  for (const piece of [
    'token',
    '?',
    '?a=',
    '?token',
    '%25',
    '%3Ftoken',
    '%3Fa%3D',
    '%3Ftoken%3D%25',
    'eyJ',
    'eyJ-',
    '.eyJa',
    '%20eyJa',
    'atekr_',
  ])
    maskPath(`/?${piece.repeat(40_000)}`)
  // An expression that goes back over what it has read takes ten seconds and more for this.
  expect(performance.now() - started).toBeLessThan(2000)
})
