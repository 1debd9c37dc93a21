import { expect, test } from 'vitest'
import type { TrafficBody } from '../../../../runtime/contract/traffic.ts'
import { bodyBytes, bodyKind, dataAddress, hexLines } from './body-kind.ts'

const body = (part: Partial<TrafficBody>): TrafficBody => ({
  type: null,
  bytes: 0,
  shownBytes: 0,
  truncated: false,
  encoding: null,
  problem: null,
  text: null,
  base64: null,
  ...part,
})

test.each([
  [{ type: 'application/json', text: '{"a":1}' }, 'json'],
  [{ type: 'application/problem+json', text: '[]' }, 'json'],
  [{ type: null, text: '{"a":1}' }, 'json'],
  [{ type: 'application/json', text: '{"a":' }, 'text'],
  [{ type: 'application/json', text: '{}', truncated: true }, 'text'],
  [{ type: 'text/html', text: '<p>' }, 'text'],
  [{ type: 'image/png', base64: 'AA==' }, 'image'],
  [{ type: 'image/png', base64: 'AA==', truncated: true }, 'hex'],
  [{ type: 'image/svg+xml', text: '<svg/>' }, 'image'],
  [{ type: 'image/tiff', base64: 'AA==' }, 'hex'],
  [{ type: 'application/octet-stream', base64: 'AA==' }, 'hex'],
] as const)('%j is shown as %s', (part, kind) => {
  expect(bodyKind(body(part))).toBe(kind)
})

test('an image is an address with nothing of its own to end it', () => {
  expect(dataAddress(body({ type: 'image/svg+xml', text: '<svg a="#"/>' }))).toBe(
    'data:image/svg+xml,%3Csvg%20a%3D%22%23%22%2F%3E',
  )
})

test('bytes in sixteens', () => {
  const bytes = bodyBytes(body({ base64: btoa('Hello, world\n\u00ff1234567') }))
  expect(hexLines(bytes, 1000)).toEqual([
    '000000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0a ff 31 32  Hello, world..12',
    '000010  33 34 35 36 37                                    34567',
  ])
  expect(hexLines(bytes, 16)).toHaveLength(1)
})
