import { describe, expect, test } from 'vitest'
import type { TrafficRow } from '../../runtime/contract/models.ts'
import { trafficRow } from '../testing/rows.ts'
import { parseTrafficFilter } from './traffic-filter.ts'

const caller = { userKey: 'b'.repeat(32), username: 'alice', serviceKey: null, serviceId: null }
const rows: Record<string, TrafficRow> = {
  page: trafficRow({ seq: 1, path: '/index.html?q=two words' }),
  post: trafficRow({ seq: 2, method: 'POST', path: '/api/notes', status: 404 }),
  bobs: trafficRow({ seq: 3, appId: 'chat', caller: { ...caller, username: 'Bob' }, path: '/api/ping' }),
  refused: trafficRow({ seq: 4, caller: null, status: 403, refused: 'FORBIDDEN' }),
  failed: trafficRow({ seq: 5, status: 500 }),
  open: trafficRow({ seq: 6, status: null, state: 'open' }),
  cut: trafficRow({ seq: 7, status: 200, state: 'aborted' }),
  socket: trafficRow({ seq: 8, kind: 'websocket', status: 101, state: 'open' }),
  call: trafficRow({
    seq: 9,
    kind: 'gateway',
    caller: { ...caller, serviceKey: 'c'.repeat(32), serviceId: 'caller-app' },
  }),
}

function found(text: string): string[] {
  const filter = parseTrafficFilter(text)
  return Object.keys(rows).filter((name) => filter.matches(rows[name] as TrafficRow))
}
const all = Object.keys(rows)

describe('words', () => {
  test('nothing lets everything through', () => {
    expect(found('')).toEqual(all)
    expect(found('   ')).toEqual(all)
    expect(parseTrafficFilter(' ').empty).toBe(true)
    expect(parseTrafficFilter('x').empty).toBe(false)
  })

  test('look into path, app, user, method, status, calling app and refusal, whatever their case', () => {
    expect(found('INDEX')).toEqual(['page'])
    expect(found('chat')).toEqual(['bobs'])
    expect(found('bob')).toEqual(['bobs'])
    expect(found('post')).toEqual(['post'])
    expect(found('404')).toEqual(['post'])
    expect(found('caller-app')).toEqual(['call'])
    expect(found('forbidden')).toEqual(['refused'])
  })

  test('all of them must match; quotes keep blanks', () => {
    expect(found('api notes')).toEqual(['post'])
    expect(found('"two words"')).toEqual(['page'])
    expect(found('"two words')).toEqual(['page'])
  })

  test('a minus turns a word around', () => {
    expect(found('api -ping')).toEqual(['post'])
    expect(found('-"two words"')).toEqual(all.filter((name) => name !== 'page'))
  })

  test('what only looks like a term is a word', () => {
    expect(parseTrafficFilter('http://x').problems).toEqual([])
    expect(found('http://x')).toEqual([])
  })
})

describe('terms', () => {
  test.each([
    ['app:chat', ['bobs']],
    ['app:caller', ['call']],
    ['user:bob', ['bobs']],
    [`user:${'b'.repeat(32)} app:chat`, ['bobs']],
    ['method:post', ['post']],
    ['method:pos', []],
    ['path:/api', ['post', 'bobs']],
    ['path:/api -path:/api/ping', ['post']],
    ['path:"two words"', ['page']],
    ['status:404', ['post']],
    ['status:4xx', ['post', 'refused']],
    ['status:>=500', ['failed']],
    ['status:<200', ['socket']],
    ['status:>4xx', ['failed']],
    ['status:<=1xx', ['socket']],
    ['is:refused', ['refused']],
    ['is:error', ['refused', 'failed', 'cut']],
    ['is:open', ['open', 'socket']],
    ['is:websocket', ['socket']],
    ['is:gateway', ['call']],
    ['is:app-to-app', ['call']],
    ['-is:error is:gateway', ['call']],
    ['IS:Refused', ['refused']],
  ])('%s', (text, names) => expect(found(text)).toEqual(names))

  test('a term without a value yet changes nothing', () => {
    expect(found('app:')).toEqual(all)
    expect(found('chat -app:')).toEqual(['bobs'])
    expect(found('-')).toEqual(all)
    expect(found('app:""')).toEqual(all)
  })

  test('a term that means nothing is said, and the rest goes on working', () => {
    const filter = parseTrafficFilter('status:9 is:odd app:chat')
    expect(filter.problems).toEqual([
      '"9" is no status. Try 404, 4xx, >=400 or <300.',
      '"is:odd" is not known. Try is:refused, is:error, is:websocket, is:gateway, is:app-to-app, is:open.',
    ])
    expect(Object.keys(rows).filter((name) => filter.matches(rows[name] as TrafficRow))).toEqual(['bobs'])
  })
})
