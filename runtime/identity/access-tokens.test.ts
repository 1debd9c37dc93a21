import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import type { User } from '../contract/models.ts'
import { type Forgery, forgeToken } from './testing/forge-token.ts'
import { openIdentity, PASSWORD, type TestIdentity } from './testing/open-identity.ts'

let t: TestIdentity
let alice: User
let access: string
let tokenId: string
beforeAll(async () => {
  t = openIdentity()
  alice = await t.identity.createFirstUser({ username: 'alice', password: PASSWORD })
  const { token } = t.identity.apiTokens.create(alice.key, 'backup', 'panel')
  tokenId = token.id
  access = (await t.identity.apiTokens.accessFor(token)).access
})
afterAll(() => t.close())

const verify = (token: string) => t.identity.accessTokens.verify(token)
const now = () => Math.floor(t.clock.now() / 1000)
const decoded = (part: number) => JSON.parse(Buffer.from(access.split('.')[part] ?? '', 'base64url').toString())

test('C05: a JWT that says whom it stands for, by which key, and until when', async () => {
  expect(decoded(0)).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: expect.stringMatching(/^[0-9a-f]{32}$/) })
  expect(decoded(1)).toEqual({
    iss: 'atek',
    aud: 'atek',
    sub: alice.key,
    sid: tokenId,
    token_type: 'user',
    jti: expect.stringMatching(/^[0-9a-f]{32}$/),
    iat: now(),
    exp: now() + 900,
  })
  expect(await verify(access)).toEqual({ userKey: alice.key, tokenId, tokenType: 'user' })
})

test('C05: fifteen minutes, and not a second more', async () => {
  const life = openIdentity()
  const user = await life.identity.createFirstUser({ username: 'alice', password: PASSWORD })
  const { token } = life.identity.apiTokens.create(user.key, 'backup', 'panel')
  const made = (await life.identity.apiTokens.accessFor(token)).access
  life.clock.advance(15 * 60_000 - 1000)
  expect(await life.identity.accessTokens.verify(made)).not.toBeNull()
  life.clock.advance(1000)
  expect(await life.identity.accessTokens.verify(made)).toBeNull()
  expect(life.identity.accessTokens.isOurs(made)).toBe(true)
  life.close()
})

test('C05: the key outlives a restart, and is another on another host', async () => {
  t.restart()
  expect(await verify(access)).not.toBeNull()
  const other = openIdentity()
  const user = await other.identity.createFirstUser({ username: 'alice', password: PASSWORD })
  expect(await other.identity.accessTokens.verify(access)).toBeNull()
  const { token } = other.identity.apiTokens.create(user.key, 'backup', 'panel')
  const theirs = (await other.identity.apiTokens.accessFor(token)).access
  expect(await verify(theirs)).toBeNull()
  expect(await other.identity.accessTokens.verify(access)).toBeNull()
  expect(other.identity.accessTokens.isOurs(access)).toBe(false)
  other.close()
})

test('the forger makes good tokens, too: what follows is refused for what it changes', async () => {
  expect(await verify(forgeToken(t.storage, access, {}))).not.toBeNull()
})

const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const FORGERIES: [string, () => Forgery][] = [
  ['alg none, without a signature', () => ({ header: { alg: 'none' }, key: '' })],
  ['alg None', () => ({ header: { alg: 'None' }, key: '' })],
  ['alg none with a good HMAC', () => ({ header: { alg: 'none' } })],
  ['another HMAC with the same key', () => ({ header: { alg: 'HS512' }, hash: 'sha512' })],
  ['the HMAC said to be RS256', () => ({ header: { alg: 'RS256' } })],
  ['signed with another key', () => ({ key: Buffer.alloc(32, 7) })],
  ['signed with an empty key', () => ({ key: Buffer.alloc(1) })],
  ['signed with the key’s own name', () => ({ key: Buffer.from(decoded(0).kid) })],
  ['another key’s name', () => ({ header: { kid: 'f'.repeat(32) } })],
  ['a key’s name that is a path', () => ({ header: { kid: '../../../../dev/null' } })],
  ['no key’s name', () => ({ header: { kid: undefined } })],
  ['a key of its own in the header', () => ({ header: { jwk: { kty: 'oct', k: 'AAAA' } }, key: Buffer.alloc(3) })],
  ['a header that must be understood', () => ({ header: { crit: ['x'], x: 1 } })],
  ['an unencoded payload', () => ({ header: { crit: ['b64'], b64: false } })],
  ['another typ', () => ({ header: { typ: 'JWT' } })],
  ['no typ', () => ({ header: { typ: undefined } })],
  ['another issuer', () => ({ payload: { iss: 'evil' } })],
  ['another audience', () => ({ payload: { aud: 'other' } })],
  ['more than one audience', () => ({ payload: { aud: ['atek', 'other'] } })],
  ['expired', () => ({ payload: { exp: now(), iat: now() - 900 } })],
  ['a life without end', () => ({ payload: { exp: now() + 10 * 365 * 24 * 3600 } })],
  ['an end that is no number', () => ({ payload: { exp: '9999999999' } })],
  ['not yet', () => ({ payload: { nbf: now() + 60 } })],
  ['an unknown type', () => ({ payload: { token_type: 'root' } })],
  ['a user key that is none', () => ({ payload: { sub: 'system' } })],
  ['a family that is none', () => ({ payload: { sid: 7 } })],
  ...['iss', 'aud', 'exp', 'iat', 'sub', 'sid', 'jti', 'token_type'].map((name): [string, () => Forgery] => [
    `without ${name}`,
    () => ({ without: [name] }),
  ]),
  ['longer than any of ours', () => ({ payload: { x: 'x'.repeat(LIMITS.accessTokenLength) } })],
]

test.each(FORGERIES)('C05: refused: %s', async (_what, forgery) => {
  expect(await verify(forgeToken(t.storage, access, forgery()))).toBeNull()
})

test('C05: refused: another algorithm with a good signature of its own', async () => {
  const [, payload] = access.split('.')
  const header = Buffer.from(JSON.stringify({ ...decoded(0), alg: 'ES256' })).toString('base64url')
  const signature = sign('sha256', Buffer.from(`${header}.${payload}`), {
    key: foreign.privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  expect(await verify(`${header}.${payload}.${signature.toString('base64url')}`)).toBeNull()
})

test('C05: refused: one changed character anywhere', async () => {
  for (let i = 0; i < access.length; i++) {
    const other = access[i] === 'A' ? 'B' : 'A'
    const tampered = access.slice(0, i) + other + access.slice(i + 1)
    // The last character of a part holds bits that mean nothing: the same token in another spelling.
    const same = tampered.split('.').every((part, at) => {
      const bytes = (text: string | undefined) => Buffer.from(text ?? '', 'base64url').toString('hex')
      return bytes(part) === bytes(access.split('.')[at])
    })
    if (!same) expect(await verify(tampered), `character ${i}`).toBeNull()
  }
})

test.each(['', 'eyJ', 'eyJ.', 'eyJ..', '...', `${'eyJ'.repeat(100_000)}`, 'eyJhbGciOiJIUzI1NiJ9.e30.x', 'e30.e30.x'])(
  'C05: %j is no access token',
  async (text) => {
    expect(await verify(text)).toBeNull()
    expect(t.identity.accessTokens.isOurs(text)).toBe(false)
  },
)

test('C05: a host that has never signed a token takes those that it signs from then on', async () => {
  const fresh = openIdentity()
  const user = await fresh.identity.createFirstUser({ username: 'alice', password: PASSWORD })
  expect(await fresh.identity.accessTokens.verify(access)).toBeNull()
  expect(fresh.identity.accessTokens.isOurs(access)).toBe(false)
  const { token } = fresh.identity.apiTokens.create(user.key, 'backup', 'panel')
  const made = (await fresh.identity.apiTokens.accessFor(token)).access
  expect(await fresh.identity.accessTokens.verify(made)).toMatchObject({ userKey: user.key })
  fresh.close()
})
