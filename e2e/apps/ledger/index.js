import { createRpcServer } from '@atek-cloud/node-rpc'
import express from 'express'
import fs from 'fs'
import http from 'http'
import path from 'path'
import { WebSocketServer } from 'ws'

const FILE = path.join(process.env.ATEK_APP_DATA_DIR, 'ledger.txt')
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const ledger = createRpcServer(
  {
    /** Writes a line; answers after `ms`. */
    async add(line, ms = 0) {
      fs.appendFileSync(FILE, `${line}\n`)
      await wait(ms)
      return line
    },
    lines() {
      return fs.existsSync(FILE) ? fs.readFileSync(FILE, 'utf8').trim().split('\n') : []
    },
    whoami() {
      const { 'atek-auth-user': user, 'atek-auth-service': service } = this.req.headers
      return { user, service, key: process.env.ATEK_ASSIGNED_SERVICE_KEY }
    },
    echo(value) {
      return value
    },
    make(length) {
      return 'x'.repeat(length)
    },
    measure(text) {
      return text.length
    },
    nothing() {},
    fail(message) {
      throw new Error(message)
    },
    crash() {
      process.exit(1)
    },
  },
  { measure: { params: [{ type: 'string' }], response: { type: 'number' } } },
)

const app = express()
app.use('/_api', express.json({ limit: '12mb' }))
app.post('/_api/ledger', (req, res) => ledger.handle(req, res, req.body))
app.get('/', (_req, res) => res.send('<!doctype html><title>Ledger</title><h1>Ledger</h1>'))

const server = http.createServer(app)
const feeds = new WebSocketServer({ server, path: '/_feed' })
feeds.on('connection', (socket, req) => {
  const { 'atek-auth-user': user, 'atek-auth-service': service, authorization, cookie } = req.headers
  socket.send(JSON.stringify({ user, service, authorization, cookie }))
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})
server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
