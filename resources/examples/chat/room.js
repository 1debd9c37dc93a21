import { add, latest } from './history.js'

const MOST_LETTERS = 2000
/** Messages that one connection may send within the time; more are not taken. */
const MOST_MESSAGES = 10
const WITHIN = 5000

const members = new Set()

/** People in the room; somebody with three windows is there once. */
function people() {
  const byKey = new Map([...members].map(({ user, name }) => [user, { user, name }]))
  return [...byKey.values()].sort((a, b) => a.name.localeCompare(b.name))
}

function tellAll(news) {
  const text = JSON.stringify(news)
  for (const { connection } of members) connection.send(text)
}

function tooMany(member, now) {
  member.sentAt = [...member.sentAt.filter((at) => now - at < WITHIN), now]
  return member.sentAt.length > MOST_MESSAGES
}

/** What came from a browser may be anything. Who sent it is what the host said when the connection was made. */
function textOf(json) {
  try {
    const { text } = JSON.parse(json)
    return typeof text === 'string' ? text.trim().slice(0, MOST_LETTERS) : ''
  } catch {
    return ''
  }
}

export function join(connection, user, name) {
  const member = { connection, user, name, sentAt: [] }
  members.add(member)
  connection.send(JSON.stringify({ type: 'welcome', me: user, messages: latest() }))
  tellAll({ type: 'people', people: people() })

  connection.on('message', (json) => {
    const text = textOf(json)
    if (text === '') return
    const at = Date.now()
    if (tooMany(member, at)) return connection.send(JSON.stringify({ type: 'slow-down' }))
    const message = { user, name, text, at }
    add(message)
    tellAll({ type: 'message', message })
  })
  connection.on('close', () => {
    members.delete(member)
    tellAll({ type: 'people', people: people() })
  })
}

setInterval(() => {
  for (const { connection } of members) connection.checkAlive()
}, 30_000)
