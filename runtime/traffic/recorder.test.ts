import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import type { AuthHeaderLine, TrafficRow } from '../contract/models.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import type { BeginInput } from './begin-input.ts'
import { ToldLines } from './header-account.ts'
import { Recorder } from './recorder.ts'

function recorder(limits: { maxRows?: number; maxBytes?: number } = {}) {
  const clock = new ManualClock()
  const made = new Recorder({ clock, ...limits })
  const begin = (more: Partial<BeginInput> = {}) =>
    made.begin({ kind: 'http', appKey: 'k', appId: 'notes', method: 'GET', path: '/', requestHeaders: [], ...more })
  const seqs = () => made.list({ limit: 1000, visible: () => true }).rows.map((row) => row.seq)
  return { clock, recorder: made, begin, seqs }
}

test('an exchange is recorded from its beginning to its end, with its times', () => {
  const { clock, recorder: records, begin } = recorder()
  const exchange = begin({ path: '/a?b=c', requestHeaders: ['Host', 'notes.localhost'] })
  expect(records.get(exchange.seq)).toMatchObject({ state: 'open', status: null, durationMs: null })
  exchange.caller({ userKey: 'u', username: 'alice', serviceKey: null, serviceId: null })
  clock.advance(5)
  exchange.forwarded()
  clock.advance(10)
  exchange.head(200, ['X-A', '1'])
  exchange.bytes(3, 4)
  exchange.bytes(0, 6)
  clock.advance(20)
  exchange.end()
  expect(records.get(exchange.seq)).toMatchObject({
    state: 'done',
    status: 200,
    caller: { username: 'alice' },
    bytesIn: 3,
    bytesOut: 10,
    durationMs: 35,
    timing: { forwardedMs: 5, headMs: 15, endMs: 35 },
    requestHeaders: [['Host', 'notes.localhost']],
    responseHeaders: [['X-A', '1']],
  })
})

test('nothing changes after the end', () => {
  const { recorder: records, begin } = recorder()
  const exchange = begin()
  exchange.refuse('FORBIDDEN', 'The app belongs to another user.', 403)
  exchange.end()
  const before = records.get(exchange.seq)
  exchange.head(200, [])
  exchange.bytes(1, 1)
  exchange.abort('late')
  exchange.refuse('INTERNAL', 'late', 500)
  exchange.app('other', 'other')
  expect(records.get(exchange.seq)).toEqual(before)
  expect(before).toMatchObject({ refused: 'FORBIDDEN', status: 403, reason: 'The app belongs to another user.' })
})

test('C51: nothing that is read of the record holds a secret', () => {
  const { recorder: records, begin } = recorder()
  const exchange = begin({
    path: '/a?bst=hush',
    requestHeaders: ['Cookie', 'a=hush; b=hush', 'AUTHORIZATION', 'Bearer hush', 'Referer', 'http://x/?ticket=hush'],
  })
  exchange.head(303, ['Set-Cookie', 'a=hush; Path=/', 'Location', '/?token=hush'])
  const details = records.get(exchange.seq)
  expect(JSON.stringify(details)).not.toContain('hush')
  expect(details?.requestHeaders.map(([name]) => name)).toEqual(['Cookie', 'AUTHORIZATION', 'Referer'])

  const line = (name: string, sent: string | null, received: string | null): AuthHeaderLine => ({
    name,
    sent,
    received,
    action: 'kept',
    reason: 'It is for the app.',
    label: null,
  })
  const lines = [line('Authorization', 'Bearer hush', 'Bearer hush'), line('Cookie', 'a=hush', null)]
  const answer = [line('Set-Cookie', null, 'a=hush; Path=/'), line('Location', '/?token=hush', '/?token=hush')]
  const forwarded = begin()
  forwarded.requestHeaders({ size: 0, own: '', teller: { heldBytes: 0, lines: () => lines, auth: () => lines } })
  forwarded.answered(200, [], { lines: () => answer })
  const told = records.get(forwarded.seq)
  expect(JSON.stringify(told)).not.toContain('hush')
  expect(told?.headerLines).toMatchObject([{ sent: 'Bearer •••', received: 'Bearer •••' }, { sent: 'a=•••' }])
  expect(told?.authHeaders).toEqual(told?.headerLines)
  expect(told?.responseHeaders).toEqual([
    ['Set-Cookie', 'a=•••; Path=/'],
    ['Location', '/?token=•••'],
  ])
})

test('A13: headers that are many or long are shown up to a limit, and are counted in full', () => {
  const { recorder: records, begin } = recorder({ maxBytes: 100_000 })
  const long = 'x'.repeat(LIMITS.trafficHeaderBytes)
  const one = (name: string): AuthHeaderLine => ({
    name,
    sent: long,
    received: long,
    action: 'kept',
    reason: 'It is for the app.',
    label: null,
  })
  const lines = [one('X-One'), one('X-Two'), one('X-Three')]
  const exchange = begin()
  exchange.requestHeaders({ size: 50_000, own: '', teller: { heldBytes: 0, lines: () => lines, auth: () => [] } })
  const { headerLines = [] } = records.get(exchange.seq) ?? {}
  expect(JSON.stringify(headerLines).length).toBeLessThan(3 * LIMITS.trafficHeaderBytes)
  expect(headerLines.at(-1)?.name).toBe('…')
  const next = begin()
  next.answered(200, ['X-Large', 'x'.repeat(60_000)], { lines: () => [] })
  expect(records.get(exchange.seq)).toBeNull()
  expect(records.get(next.seq)).not.toBeNull()
})

test('A13: what is held beside the bytes of a request that is over counts as they do', () => {
  const { begin, recorder: records, seqs } = recorder({ maxBytes: 100_000 })
  const line: AuthHeaderLine = {
    name: 'X-Large',
    sent: 'x'.repeat(10_000),
    received: null,
    action: 'stripped',
    reason: 'The request was not passed on.',
    label: null,
  }
  for (let i = 0; i < 50; i++) {
    const exchange = begin()
    exchange.requestHeaders(new ToldLines([line]))
    exchange.end()
  }
  expect(seqs().length).toBeLessThanOrEqual(10)
  expect(seqs().at(-1)).toBe(50)
  expect(records.dropped).toBeGreaterThanOrEqual(40)
})

test('a recorder that does not record counts, and holds nothing', () => {
  const clock = new ManualClock()
  const records = new Recorder({ clock, recording: false })
  const announced: TrafficRow[][] = []
  records.changed.on((rows) => announced.push(rows))
  const input = { kind: 'http', appKey: 'k', appId: 'notes', method: 'GET', path: '/', requestHeaders: [] } as const
  for (let i = 0; i < 10; i++) {
    const exchange = records.begin(input)
    exchange.head(500, [])
    exchange.end()
  }
  clock.advance(2000)
  expect(records.rate()).toBe(5)
  expect(records.activity('k').errors.at(-1)).toBe(10)
  expect(records.list({ limit: 10, visible: () => true })).toMatchObject({ rows: [], total: 0, dropped: 0 })
  expect(announced).toEqual([])
})

test('the ring keeps the newest rows and counts those that it let go', () => {
  const { recorder: records, begin, seqs } = recorder({ maxRows: 3 })
  const first = begin()
  for (let i = 0; i < 4; i++) begin()
  expect(seqs()).toEqual([3, 4, 5])
  expect(records.dropped).toBe(2)
  expect(records.get(1)).toBeNull()
  // What fell out goes on without a trace.
  first.head(200, [])
  first.end()
  expect(seqs()).toEqual([3, 4, 5])
})

test('A13: no request, and no number of them, fills the memory', () => {
  const { begin, seqs } = recorder({ maxBytes: 20_000 })
  for (let i = 0; i < 50; i++) begin({ path: `/${'x'.repeat(1000)}` })
  expect(seqs().length).toBeLessThan(20)
  expect(seqs().at(-1)).toBe(50)
  const larger = recorder()
  const large = ['X-Large', 'y'.repeat(LIMITS.trafficHeaderBytes * 2), 'X-Next', '1']
  const exchange = larger.begin({ requestHeaders: large })
  const kept = larger.recorder.get(exchange.seq)?.requestHeaders ?? []
  expect(kept[0]?.[1].length).toBeLessThanOrEqual(LIMITS.trafficHeaderBytes)
  expect(kept.at(-1)?.[0]).toBe('…')
})

test('the ring is right after any sequence of requests', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3000), { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (sizes, maxRows) => {
      const { recorder: records, begin, seqs } = recorder({ maxRows, maxBytes: 8000 })
      for (const size of sizes) begin({ path: 'x'.repeat(size) })
      const kept = seqs()
      expect(kept).toEqual(sizes.map((_, i) => i + 1).slice(sizes.length - kept.length))
      expect(kept.length).toBeLessThanOrEqual(maxRows)
      expect(records.dropped).toBe(sizes.length - kept.length)
    }),
  )
})

test('the ring is right whatever is over and whatever is under way, and every row is what it was', () => {
  const one = fc.record({ size: fc.nat(3000), ends: fc.constantFrom('at once', 'later', 'never') })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (requests, maxRows) => {
      const { recorder: records, begin, seqs } = recorder({ maxRows, maxBytes: 40_000 })
      const later: (() => void)[] = []
      const paths = requests.map(({ size, ends }, index) => {
        const path = `/${index}/${'x'.repeat(size)}`
        const exchange = begin({ path, requestHeaders: ['X-Index', String(index)] })
        const end = () => {
          exchange.head(200, ['X-Answer', String(index)])
          exchange.end()
        }
        if (ends === 'at once') end()
        else if (ends === 'later') later.push(end)
        if (index % 7 === 6) for (const one of later.splice(0)) one()
        return path
      })
      const kept = seqs()
      expect(kept).toEqual(requests.map((_, i) => i + 1).slice(requests.length - kept.length))
      expect(records.dropped).toBe(requests.length - kept.length)
      for (const seq of kept) {
        const details = records.get(seq)
        expect(details).toMatchObject({ seq, path: paths[seq - 1], requestHeaders: [['X-Index', String(seq - 1)]] })
        if (details?.state === 'done') expect(details.responseHeaders).toEqual([['X-Answer', String(seq - 1)]])
      }
      expect(records.log.bytes).toBeLessThanOrEqual(40_000)
    }),
  )
})

test('a page is the newest rows before a number that one may see, oldest first', () => {
  const { recorder: records, begin } = recorder()
  for (let i = 0; i < 10; i++) begin({ appKey: i % 2 === 0 ? 'even' : 'odd' })
  const page = records.list({ before: 8, limit: 2, appKey: 'even', visible: () => true })
  expect(page.rows.map((row) => row.seq)).toEqual([5, 7])
  expect(page).toMatchObject({ total: 5, dropped: 0 })
  expect(records.list({ limit: 5, visible: () => false })).toEqual({ rows: [], total: 0, dropped: 0 })
})

test('changes are announced together, at most every 100 ms, as they were', () => {
  const { clock, recorder: records, begin } = recorder()
  const announced: TrafficRow[][] = []
  records.changed.on((rows) => announced.push(rows))
  const one = begin()
  const two = begin()
  one.head(200, [])
  clock.advance(99)
  expect(announced).toEqual([])
  clock.advance(1)
  expect(announced.map((rows) => rows.map((row) => [row.seq, row.status]))).toEqual([
    [
      [1, 200],
      [2, null],
    ],
  ])
  two.head(404, [])
  expect(announced[0]?.[1]?.status).toBeNull()
  clock.advance(100)
  expect(announced[1]?.map((row) => row.status)).toEqual([404])
  clock.advance(1000)
  expect(announced).toHaveLength(2)
})

test('clearing forgets every row; what is under way ends unseen, and numbers go on', () => {
  const { clock, recorder: records, begin, seqs } = recorder()
  let cleared = 0
  records.cleared.on(() => cleared++)
  const announced: TrafficRow[][] = []
  records.changed.on((rows) => announced.push(rows))
  const open = begin()
  records.clear()
  open.end()
  clock.advance(100)
  expect(cleared).toBe(1)
  expect(announced).toEqual([])
  expect(begin().seq).toBe(2)
  expect(seqs()).toEqual([2])
})

test('activity counts what ended, and errors, per 10 s over 5 minutes', () => {
  const { clock, recorder: records, begin } = recorder()
  const done = (status: number) => {
    const exchange = begin()
    exchange.head(status, [])
    exchange.end()
  }
  done(200)
  done(500)
  clock.advance(10_000)
  const refused = begin()
  refused.refuse('FORBIDDEN', 'no', 403)
  refused.end()
  const { requests, errors } = records.activity('k')
  expect(requests).toHaveLength(30)
  expect(requests.slice(-2)).toEqual([2, 1])
  expect(errors.slice(-2)).toEqual([1, 1])
  clock.advance(300_000)
  expect(records.activity('k').requests).toEqual(new Array(30).fill(0))
  expect(records.activity('other').errors).toEqual(new Array(30).fill(0))
})

test('apps that were called are told once, and again when they are called again', () => {
  const { recorder: records, begin } = recorder()
  for (const appKey of ['a', 'b', 'a', null]) begin({ appKey }).end()
  expect(records.takeBusy()).toEqual(['a', 'b'])
  expect(records.takeBusy()).toEqual([])
  begin({ appKey: 'b' }).end()
  expect(records.takeBusy()).toEqual(['b'])
})

test('the rate is that of the last whole 2 seconds', () => {
  const { clock, recorder: records, begin } = recorder()
  for (let i = 0; i < 10; i++) begin()
  expect(records.rate()).toBe(0)
  clock.advance(2000)
  expect(records.rate()).toBe(5)
  expect(records.recentRequests()).toHaveLength(30)
  expect(records.recentRequests().at(-1)).toBe(5)
  clock.advance(2000)
  expect(records.rate()).toBe(0)
  expect(records.recentRequests().at(-2)).toBe(5)
})
