import { readFileSync } from 'node:fs'
import http from 'node:http'
import { call, userName } from './host.js'
import { send, sendPage } from './html.js'
import { page } from './page.js'

const API = 'atek-examples/greeter'
const MOST_BYTES = 10_000
const MOST_PEOPLE = 1000

const files = {
  '/style.css': ['text/css', readFileSync(new URL('style.css', import.meta.url))],
  '/icon.svg': ['image/svg+xml', readFileSync(new URL('icon.svg', import.meta.url))],
}

/** What came of the last call, by the user who asked for it. */
const last = new Map()

async function readForm(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= MOST_BYTES) chunks.push(chunk)
  }
  return new URLSearchParams(size > MOST_BYTES ? '' : Buffer.concat(chunks).toString('utf8'))
}

/** Two calls: the greeting, and what the provider says about who called. */
async function makeCalls(name) {
  const sent = { jsonrpc: '2.0', id: 1, method: 'greet', params: [name] }
  try {
    const greeting = await call(API, 'greet', name)
    const received = await call(API, 'whoCalls')
    const owner = received.user === 'system' ? null : await userName(received.user)
    return { name, sent, greeting, received, owner }
  } catch (error) {
    return { name, sent, problem: { code: error.code ?? null, message: error.message } }
  }
}

async function answer(request, response) {
  const file = files[request.url]
  if (file) return send(response, 200, ...file)
  const user = request.headers['atek-auth-user']
  if (!user) return send(response, 401, 'text/plain', 'No user')

  if (request.method === 'POST') {
    if ((request.headers['sec-fetch-site'] ?? 'same-origin') !== 'same-origin') {
      return send(response, 403, 'text/plain', 'This came from another site.')
    }
    const name = ((await readForm(request)).get('name') ?? '').trim().slice(0, 100)
    if (last.size >= MOST_PEOPLE) last.clear()
    last.set(user, await makeCalls(name))
    response.writeHead(303, { Location: '/' })
    return response.end()
  }
  const outcome = last.get(user) ?? null
  sendPage(response, page({ name: await userName(user), api: API, outcome, env: process.env }))
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error)
    if (!response.headersSent) send(response, 500, 'text/plain', 'Something went wrong. The log has the details.')
    else response.destroy()
  })
})

server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
