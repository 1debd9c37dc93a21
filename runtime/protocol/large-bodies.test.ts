import { request } from 'node:http'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { TestApps } from '../testing/test-apps.ts'
import { type OpenHost, startOpenHost } from './testing/open-host.ts'

const LEDGER = 'example.com/ledger'
/** As much as fits beside the rest of a call. */
const MOST = LIMITS.rpcBodyBytes - 200

/** Says how much of a call at /in it has seen, and gives half an answer at /out until it is told to go on. */
const SLOW = `const http = require('node:http')
let seen = 0
let cut = 0
let whole = ''
let release = () => {}
http.createServer((req, res) => {
  if (req.url === '/in') req.on('aborted', () => { cut++ })
  let text = ''
  req.on('data', (piece) => { if (req.url === '/in') seen += piece.length; if (req.url === '/in' || req.url === '/deep') text += piece })
  req.on('end', () => {
    const answer = (result) => res.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }))
    if (req.method === 'HEAD') return res.end()
    if (req.url === '/in') { whole = text; return answer(text.length) }
    if (req.url === '/seen') return answer({ seen, cut, whole: whole.length, start: whole.slice(0, 60), end: whole.slice(-30) })
    if (req.url === '/go') { release(); return answer(true) }
    if (req.url === '/deep') {
      const depth = JSON.parse(text).params[0]
      return res.end('{"jsonrpc":"2.0","id":1,"result":["' + 'a'.repeat(200000) + '",' + '['.repeat(depth) + ']'.repeat(depth) + ']}')
    }
    res.write('{"jsonrpc":"2.0","id":1,"result":"' + 'a'.repeat(1024 * 1024))
    release = () => res.end(req.url === '/broken' ? '","error":{"code":1,"message":"x"}}' : 'b'.repeat(1000) + '"}')
  })
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
`

let host: OpenHost
let apps: TestApps
beforeAll(async () => {
  host = await startOpenHost()
  await host.add('ledger', 'ledger', 'system')
  apps = await TestApps.create()
  const paths = ['in', 'seen', 'go', 'out', 'broken', 'deep']
  const manifest = { exports: paths.map((path) => ({ api: `test/${path}`, path: `/${path}` })) }
  const folder = await apps.make('echo', { name: 'slow', manifest, files: { 'index.js': SLOW } })
  await host.system.services.install({ sourceUrl: pathToFileURL(folder).href, id: 'slow', user: 'system', port: 0 })
}, 60_000)
afterAll(async () => {
  await host.dispose()
  await apps.dispose()
})

/** A call that a test writes piece by piece. */
function begin(api: string) {
  const call = request({
    host: '127.0.0.1',
    port: host.port,
    path: `/_atek/gateway?api=${api}`,
    method: 'POST',
    headers: { Host: `localhost:${host.port}`, Cookie: host.bob.keeper.header },
  })
  let text = ''
  const ended = new Promise<'whole' | 'cut'>((done) => {
    call.on('error', () => done('cut'))
    call.on('response', (answer) => {
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      answer.on('error', () => done('cut'))
      answer.on('end', () => done('whole'))
    })
  })
  return { call, ended, text: () => text }
}

interface Seen {
  seen: number
  cut: number
  whole: number
  start: string
  end: string
}
const seen = async () => (await host.bob.any('test/seen')('x')) as Seen

test('a long call reaches its app while it comes, written anew around its parameters', async () => {
  const { call, ended, text } = begin('test/in')
  call.write(`{"id":7,"jsonrpc":"2.0","note":[1],"method":"m","params":["${'x'.repeat(1024 * 1024)}`)
  await vi.waitFor(async () => expect((await seen()).seen).toBeGreaterThan(1024 * 1024), 10_000)
  call.end('"],"more":{}}')
  expect(await ended).toBe('whole')
  const { whole, start, end } = await seen()
  expect(JSON.parse(text())).toEqual({ jsonrpc: '2.0', id: 7, result: whole })
  expect(start).toMatch(/^\{"jsonrpc":"2.0","method":"m","params":\["xxx/)
  expect(end).toMatch(/x"\],"id":7\}$/)
})

test('A45: who has as much under way as the host holds for one caller is answered 503, and recorded', async () => {
  // The parameters first: nobody can be called before the whole is there.
  const started = Array.from({ length: 4 }, () => begin('test/in'))
  const part = `{"params":["${'x'.repeat(LIMITS.rpcBodyBytes - 1000)}`
  for (const { call } of started) call.write(part)
  await Promise.race(started.map(({ ended }) => ended))
  const refused = started.filter(({ text }) => text() !== '')
  expect(refused.map(({ text }) => JSON.parse(text()))).toEqual([
    { jsonrpc: '2.0', id: null, error: expect.objectContaining({ code: -32038 }) },
  ])
  expect((await host.calls('test/in')).find((row) => row.refused === 'TOO_BUSY')).toMatchObject({ status: 503 })
  for (const { call } of started)
    if (!refused.some((one) => one.call === call)) call.end('"],"jsonrpc":"2.0","id":1,"method":"m"}')
  for (const { ended } of started) await ended
  // What they held is given back.
  expect(await host.bob.any('test/in')('m', 'x'.repeat(100_000))).toBeGreaterThan(100_000)
})

test('a long call that turns out to be wrong is cut off at the app and answered so', async () => {
  const wrong: [end: string, code: number | 'TOO_LARGE'][] = [
    ['"],"method":"other"}', -32700],
    ['"]', -32700],
    ['"],"id":{}}', -32600],
    [`${'x'.repeat(LIMITS.rpcBodyBytes)}"]}`, 'TOO_LARGE'],
  ]
  for (const [end, code] of wrong) {
    const before = await seen()
    const { call, ended, text } = begin('test/in')
    call.write(`{"jsonrpc":"2.0","method":"m","params":["${'x'.repeat(200_000)}`)
    await vi.waitFor(async () => expect((await seen()).seen).toBeGreaterThan(before.seen), 10_000)
    call.end(end)
    await ended
    expect(JSON.parse(text())).toMatchObject(code === 'TOO_LARGE' ? { error: true, code } : { error: { code } })
    await vi.waitFor(async () => expect((await seen()).cut).toBe(before.cut + 1), 10_000)
    expect((await seen()).whole).toBe(before.whole)
  }
})

test('A45: a long call or answer is nested as deeply as a short one may be, and no deeper', async () => {
  const within = LIMITS.rpcDepth - 2
  for (const depth of [within, within + 1]) {
    const { call, ended, text } = begin('test/in')
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`
    call.end(`{"jsonrpc":"2.0","id":7,"method":"m","params":["${'x'.repeat(200_000)}",${nested}]}`)
    expect(await ended).toBe('whole')
    const error = { code: -32700, message: expect.stringContaining('nested too deeply') }
    expect(JSON.parse(text())).toMatchObject(depth === within ? { result: expect.any(Number) } : { error })
  }
  for (const depth of [within, within + 1]) {
    const { call, ended, text } = begin('test/deep')
    call.end(`{"jsonrpc":"2.0","id":7,"method":"m","params":[${depth}]}`)
    // What began as a good answer is broken off.
    expect(await ended).toBe(depth === within ? 'whole' : 'cut')
    if (depth === within) expect(JSON.parse(text()).result).toHaveLength(2)
  }
})

test('a long answer reaches its caller while it comes; one that is cut off or wrong is not passed on as whole', async () => {
  for (const api of ['test/out', 'test/broken']) {
    const { call, ended, text } = begin(api)
    call.end('{"jsonrpc":"2.0","id":"mine","method":"m"}')
    await vi.waitFor(() => expect(text().length).toBeGreaterThan(1024 * 1024 - 1), 10_000)
    expect(text().slice(0, 50)).toMatch(/^\{"jsonrpc":"2.0","id":"mine","result":"aaa/)
    await host.bob.any('test/go')('x')
    expect(await ended).toBe(api === 'test/out' ? 'whole' : 'cut')
    if (api === 'test/out') expect(JSON.parse(text()).result).toHaveLength(1024 * 1024 + 1000)
    await vi.waitFor(async () =>
      expect((await host.calls(api))[0]?.state).toBe(api === 'test/out' ? 'done' : 'aborted'),
    )
  }
})

test('10 MB go to a provider and come back from one, through the published client', async () => {
  const ledger = host.bob.any(LEDGER)
  expect(await ledger('measure', 'x'.repeat(MOST))).toBe(MOST)
  expect(String(await ledger('make', MOST)).length).toBe(MOST)
  const [made, measured] = await host.calls(LEDGER)
  expect(measured).toMatchObject({ rpcMethod: 'measure', status: 200, state: 'done', refused: null })
  expect(measured?.bytesIn).toBeGreaterThan(MOST)
  expect(made).toMatchObject({ rpcMethod: 'make', status: 200, refused: null })
  expect(made?.bytesOut).toBeGreaterThan(MOST)
})

test('more than 10 MB are refused, and recorded', async () => {
  const post = await fetch(`http://localhost:${host.port}/_atek/gateway?api=${LEDGER}`, {
    method: 'POST',
    headers: { Cookie: host.bob.keeper.header },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'measure', params: ['x'.repeat(LIMITS.rpcBodyBytes)] }),
  })
  expect(post.status).toBe(413)
  expect(await post.json()).toMatchObject({ error: true, code: 'TOO_LARGE' })
})
