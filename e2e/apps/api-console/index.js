import adb from '@atek-cloud/adb-api'
import inspect from '@atek-cloud/inspect-api'
import { rpc, ws } from '@atek-cloud/node-rpc'
import services from '@atek-cloud/services-api'
import sessions from '@atek-cloud/user-sessions-api'
import users from '@atek-cloud/users-api'
import express from 'express'
import http from 'http'

const clients = { adb: adb.api, inspect, services, sessions, users }

const app = express()
app.use(express.json({ limit: '12mb' }))

app.get('/', (_req, res) => {
  res.send('<!doctype html><title>API console</title><h1>API console</h1>')
})

app.get('/environment', (_req, res) => {
  res.json(process.env)
})

/** {client, api, method, params}: one of the clients above, or any API by its name. */
app.post('/call', async (req, res) => {
  const { client, api, method, params } = req.body
  try {
    res.json({ result: await (clients[client] ?? rpc(api))[method](...params) })
  } catch (e) {
    res.json({ error: { name: e.name, code: e.code, message: e.message } })
  }
})

/** What becomes of a WebSocket that node-rpc opens, which sends no bearer token. */
app.post('/ws', (req, res) => {
  const socket = ws(req.body.api)
  socket.on('error', (e) => res.headersSent || res.json({ error: e.message }))
  socket.on('data', (data) => res.headersSent || res.json({ data: data.toString() }))
  socket.write('hello')
})

http.createServer(app).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
