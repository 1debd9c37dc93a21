import { expect, test } from 'vitest'
import { AnswerHeaders, PLAIN_ANSWER } from './answer-headers.ts'
import { nameFacts } from './header-names.ts'
import { UNFORWARDED } from './request-account.ts'
import { RequestHeaders } from './request-headers.ts'

const input = {
  caller: {
    auth: { user: 'u1', userLabel: 'alice', service: 's1', serviceLabel: 'Notes' },
    chosen: { names: new Set(['remote-user']), list: [{ name: 'Remote-User', value: 'alice', what: 'The name.' }] },
  },
  address: '127.0.0.1',
  host: 'notes.localhost:8420',
  scheme: 'http' as const,
  isHostBearer: (token: string) => token === 'ours',
  websocket: false,
  body: false,
}

const raw = [
  ['Host', 'notes.localhost:8420'],
  ['Connection', 'keep-alive, X-Hop'],
  ['X-Hop', '1'],
  ['Cookie', 'a=1; atek_app=hush'],
  ['Authorization', 'Bearer ours'],
  ['Authorization', 'Bearer theirs'],
  ['atek-auth-user', 'eve'],
  ['ATEK_Auth_User', 'eve'],
  ['Remote_User', 'eve'],
  ['X-Forwarded-For', '8.8.8.8'],
  ['Content_Length', '5'],
  ['Content-Length', '0'],
  ['Accept', '*/*'],
].flat()

test('C21: every line of a request is told with what became of it, and lines and headers agree', () => {
  const made = new RequestHeaders(input)
  const forwarded = made.forward(raw)
  const lines = made.teller.lines(raw, made.own)
  const received = lines.flatMap((line) => (line.received === null ? [] : [`${line.name}: ${line.received}`]))
  const sent = forwarded.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${forwarded[i + 1]}`] : []))
  // The host writes its own names, and the caller's line of that name is where the record shows it.
  expect(received.sort()).toEqual(sent.sort())
  expect(lines.map(({ name, sent, received, action }) => [name, sent, received, action])).toEqual([
    ['Host', 'notes.localhost:8420', 'notes.localhost:8420', 'kept'],
    ['Connection', 'keep-alive, X-Hop', null, 'stripped'],
    ['X-Hop', '1', null, 'stripped'],
    ['Cookie', 'a=1', 'a=1', 'kept'],
    ['Cookie', 'atek_app=•••', null, 'stripped'],
    ['Authorization', 'Bearer •••', null, 'stripped'],
    ['Authorization', 'Bearer theirs', 'Bearer theirs', 'kept'],
    ['Atek-Auth-User', 'eve', 'u1', 'replaced'],
    ['ATEK_Auth_User', 'eve', null, 'stripped'],
    ['Remote_User', 'eve', null, 'stripped'],
    ['X-Forwarded-For', '8.8.8.8', null, 'stripped'],
    ['Content_Length', '5', null, 'stripped'],
    ['Content-Length', '0', null, 'stripped'],
    ['Accept', '*/*', '*/*', 'kept'],
    ['X-Forwarded-For', null, '127.0.0.1', 'injected'],
    ['X-Real-IP', null, '127.0.0.1', 'injected'],
    ['X-Forwarded-Host', null, 'notes.localhost:8420', 'injected'],
    ['X-Forwarded-Proto', null, 'http', 'injected'],
    ['Atek-Auth-Service', null, 's1', 'injected'],
    ['Remote-User', null, 'alice', 'injected'],
  ])
  expect(lines.every(({ reason }) => reason !== '')).toBe(true)
  const about = made.teller.auth(raw, made.own).map(({ name, action }) => `${name} ${action}`)
  expect(about.slice(0, 3)).toEqual(['Atek-Auth-User replaced', 'Atek-Auth-Service injected', 'Remote-User injected'])
  expect(about).toContain('ATEK_Auth_User stripped')
  expect(about).not.toContain('Accept kept')
})

test('C51: no token or cookie of the host’s own is in a line, not even for whoever may see secrets', () => {
  const made = new RequestHeaders(input)
  made.forward(raw)
  // By then the host may not know the token any more.
  const later = JSON.stringify([made.teller.lines(raw, made.own), made.teller.auth(raw, made.own)])
  expect(later).not.toMatch(/hush|Bearer ours/)
  expect(JSON.stringify(UNFORWARDED.auth(raw))).not.toMatch(/hush|ours|theirs/)
  expect(UNFORWARDED.lines()).toEqual([])
})

test('A13: names that callers make up do not fill the memory, and are read alike however many there were', () => {
  for (let i = 0; i < 5000; i++) nameFacts(`X-Made-Up-${i}`)
  expect(nameFacts('Atek_Late')).toMatchObject({ canonical: 'atek-late', request: 'atek' })
  expect(nameFacts('X-Forwarded-Late')).toMatchObject({ request: 'forwarding' })
  expect(nameFacts(`Atek-${'x'.repeat(200)}`)).toMatchObject({ request: 'atek' })
})

test('C21: every line of an answer is told with what became of it', () => {
  const answer = [
    ['Content-Type', 'text/plain'],
    ['Connection', 'close, X-Hop'],
    ['X-Hop', '1'],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'atek_app=x'],
    ['Set-Cookie', 'b=1; Domain=localhost; Path=/'],
    ['Alt-Svc', 'h3=":1"'],
  ].flat()
  const lines = PLAIN_ANSWER.lines(answer)
  expect(lines.map(({ action }) => action)).toEqual([
    'kept',
    'stripped',
    'stripped',
    'kept',
    'stripped',
    'replaced',
    'stripped',
  ])
  const received = lines.flatMap(({ name, received }) => (received === null ? [] : [name, received]))
  expect(received).toEqual(PLAIN_ANSWER.forward(answer))
  expect(lines.every(({ reason }) => reason !== '')).toBe(true)

  const rewrite = (headers: string[]) => headers.map((text) => text.replace('http://there', 'http://here'))
  const [line] = new AnswerHeaders({ websocket: false, rewrite }).lines(['Location', 'http://there/x'])
  expect(line).toMatchObject({ sent: 'http://there/x', received: 'http://here/x', action: 'replaced' })
})
