import { createRpcServer } from '@atek-cloud/node-rpc'
import users from '@atek-cloud/users-api'
import express from 'express'
import http from 'http'

const greeter = createRpcServer(
  {
    async hello(greeting) {
      const user = await users.get(this.req.headers['atek-auth-user'])
      return { value: `${greeting}, ${user.username}!` }
    },
  },
  {
    hello: {
      params: [{ type: 'string' }],
      response: { type: 'object', properties: { value: { type: 'string' } }, required: ['value'] },
    },
  },
)

const app = express()
app.use('/_api', express.json())
app.post('/_api/greeter', (req, res) => greeter.handle(req, res, req.body))
app.get('/', (_req, res) => res.send('<!doctype html><title>Greeter</title><h1>Greeter</h1>'))

http.createServer(app).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
