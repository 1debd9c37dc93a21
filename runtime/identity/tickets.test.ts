import { beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { systemRandom } from '../core/ids.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { ServiceTokens } from './service-tokens.ts'
import { Tickets } from './tickets.ts'

const APP = 'a'.repeat(32)
const OTHER_APP = 'b'.repeat(32)

let clock: ManualClock
let tickets: Tickets
beforeEach(() => {
  clock = new ManualClock()
  tickets = new Tickets({ clock, random: systemRandom })
})

describe('C15: sign-in tickets', () => {
  test('C15: good once', () => {
    const token = tickets.issueSignIn('alice')
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    expect(tickets.redeemSignIn(token)).toBe('alice')
    expect(tickets.redeemSignIn(token)).toBeNull()
  })

  test('C15: good for 30 s', () => {
    const [early, late] = [tickets.issueSignIn('alice'), tickets.issueSignIn('alice')]
    clock.advance(29_999)
    expect(tickets.redeemSignIn(early)).toBe('alice')
    clock.advance(1)
    expect(tickets.redeemSignIn(late)).toBeNull()
  })

  test('C15: no bind token is one, and none of anything else', () => {
    const bind = tickets.issueBind({ sessionId: 's', appKey: APP, nonceHash: 'n' })
    for (const text of [bind, '', 'x', 'x'.repeat(43), '__proto__']) expect(tickets.redeemSignIn(text)).toBeNull()
  })
})

describe('C08: bind tokens', () => {
  const issue = () => tickets.issueBind({ sessionId: 's', appKey: APP, nonceHash: 'n' })

  test('C08: good once, for the app and the browser that they were made for', () => {
    const token = issue()
    expect(tickets.redeemBind(token, { appKey: APP, nonceHash: 'n' })).toEqual({ sessionId: 's' })
    expect(tickets.redeemBind(token, { appKey: APP, nonceHash: 'n' })).toBeNull()
  })

  test.each([
    ['for another app', { appKey: OTHER_APP, nonceHash: 'n' }],
    ['in another browser', { appKey: APP, nonceHash: 'm' }],
    ['in a browser without a nonce', { appKey: APP, nonceHash: '' }],
  ])('A28: %s it is refused, and burnt for the right one, too', (_what, wrong) => {
    const token = issue()
    expect(tickets.redeemBind(token, wrong)).toBeNull()
    expect(tickets.redeemBind(token, { appKey: APP, nonceHash: 'n' })).toBeNull()
  })

  test('A28: expired after 30 s', () => {
    const token = issue()
    clock.advance(LIMITS.ticketLife)
    expect(tickets.redeemBind(token, { appKey: APP, nonceHash: 'n' })).toBeNull()
  })
})

test('they are bounded: the oldest go first', () => {
  const first = tickets.issueSignIn('first')
  const second = tickets.issueSignIn('second')
  for (let i = 2; i <= LIMITS.ticketsOutstanding; i++) tickets.issueSignIn('flood')
  expect(tickets.redeemSignIn(first)).toBeNull()
  expect(tickets.redeemSignIn(second)).toBe('second')
})

test('service tokens: one an app, new at each start, gone when revoked', () => {
  const tokens = new ServiceTokens({ random: systemRandom })
  const old = tokens.issue(APP)
  expect(tokens.verify(old)).toBe(APP)
  const current = tokens.issue(APP)
  const other = tokens.issue(OTHER_APP)
  expect([old, current, other].map((token) => tokens.verify(token))).toEqual([null, APP, OTHER_APP])
  tokens.revoke(APP)
  tokens.revoke(APP)
  expect([current, other].map((token) => tokens.verify(token))).toEqual([null, OTHER_APP])
  for (const text of ['', 'x'.repeat(43), 'constructor']) expect(tokens.verify(text)).toBeNull()
})
