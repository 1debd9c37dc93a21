import { readFileSync } from 'node:fs'
import http from 'node:http'
import { userName } from './host.js'
import { send, sendPage } from './html.js'
import { notePage, problemPage } from './page.js'
import { list, remove, save } from './store.js'

const MOST_BYTES = 200_000

const files = {
  '/style.css': ['text/css', readFileSync(new URL('style.css', import.meta.url))],
  '/icon.svg': ['image/svg+xml', readFileSync(new URL('icon.svg', import.meta.url))],
}

/** A form's fields, or null when there is too much of it. */
async function readForm(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= MOST_BYTES) chunks.push(chunk)
  }
  return size > MOST_BYTES ? null : new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

/** Whether a post comes from this app's own pages. Browsers say so themselves; a script outside of one need not. */
function isOwnPost(request) {
  return (request.headers['sec-fetch-site'] ?? 'same-origin') === 'same-origin'
}

function goTo(response, path) {
  response.writeHead(303, { Location: path })
  response.end()
}

async function post(user, path, request, response) {
  if (!isOwnPost(request))
    return sendPage(response, problemPage('This came from another site, so nothing was saved.'), 403)
  const form = await readForm(request)
  if (form === null) return sendPage(response, problemPage('This note is too long. Shorten it or split it up.'), 413)
  const id = form.get('id') ?? ''
  if (path === '/delete') {
    await remove(user, id)
    return goTo(response, '/')
  }
  const title = (form.get('title') ?? '').slice(0, 200)
  const text = (form.get('text') ?? '').replaceAll('\r\n', '\n')
  const saved = await save(user, { id, title, text })
  if (saved === null) return sendPage(response, problemPage('There is no room for more notes. Delete some first.'), 409)
  goTo(response, `/?note=${saved}`)
}

async function answer(request, response) {
  const file = files[request.url]
  if (file) return send(response, 200, ...file)
  // Who asks is what the host says. Nothing that a browser sends could name another user.
  const user = request.headers['atek-auth-user']
  if (!user) return send(response, 401, 'text/plain', 'No user')

  const url = new URL(request.url, 'http://notes')
  if (request.method === 'POST' && (url.pathname === '/save' || url.pathname === '/delete')) {
    return post(user, url.pathname, request, response)
  }
  if (url.pathname !== '/') return sendPage(response, problemPage('There is no such page.'), 404)
  const [notes, name] = await Promise.all([list(user), userName(user)])
  const wanted = url.searchParams.get('note')
  const note = notes.find((one) => one.id === wanted) ?? null
  if (wanted !== null && wanted !== 'new' && note === null) {
    return sendPage(response, problemPage('This note is not there any more.'), 404)
  }
  sendPage(response, notePage({ notes, note, isNew: wanted === 'new', name }))
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error)
    if (!response.headersSent) sendPage(response, problemPage('Something went wrong. The log has the details.'), 500)
    else response.destroy()
  })
})

server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
