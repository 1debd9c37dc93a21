import adb, { defineSchema } from '@atek-cloud/adb-api'
import { rpc } from '@atek-cloud/node-rpc'
import express from 'express'
import http from 'http'

const entries = defineSchema('example.com/entries', {
  pkey: '/id',
  jsonSchema: {
    type: 'object',
    required: ['id', 'text', 'createdAt'],
    properties: {
      id: { type: 'string' },
      text: { type: 'string' },
      createdAt: { type: 'string', format: 'date-time' },
    },
  },
})
const db = adb.db('guestbook')
const greeter = rpc('example.com/greeter')

const app = express()
app.use(express.urlencoded({ extended: false }))

app.get('/', async (_req, res) => {
  const { records } = await entries(db).list({ reverse: true, limit: 50 })
  const { value } = await greeter.hello('Welcome')
  res.send(page(value, records))
})

app.post('/', async (req, res) => {
  await entries(db).create({ id: String(Date.now()), text: req.body.text })
  res.redirect(303, '/')
})

http.createServer(app).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)

function page(greeting, records) {
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Guestbook</title></head>
  <body>
    <h1>Guestbook</h1>
    <p>${escaped(greeting)}</p>
    <form method="post">
      <label>Your entry <input name="text" required></label>
      <button>Sign</button>
    </form>
    <ul>${records.map(({ value }) => `<li>${escaped(value.text)}</li>`).join('')}</ul>
  </body>
</html>`
}

function escaped(text) {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
