import { expect, test } from 'vitest'
import { MASK, maskPath } from './mask.ts'

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
