const GROUP_WITHIN = 5 * 60_000
const byId = (id) => document.getElementById(id)
const list = byId('messages')
const state = byId('state')
const field = byId('text')

let socket = null
let me = null
let tries = 0
let last = null

/** Text only ever becomes text: no message and no name can bring markup with it. */
function element(name, className, text) {
  const made = document.createElement(name)
  made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

function tint(key) {
  let sum = 0
  for (const letter of key) sum = (sum * 31 + letter.codePointAt(0)) % 65_521
  return `tint-${sum % 8}`
}

function avatar({ user, name }) {
  const made = element('span', `avatar ${tint(user)}`, [...name][0]?.toUpperCase() ?? '?')
  made.setAttribute('aria-hidden', 'true')
  return made
}

function show(message) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40
  byId('first').hidden = true
  const grouped = last?.user === message.user && message.at - last.at < GROUP_WITHIN
  const row = element('div', grouped ? 'message grouped' : 'message')
  if (!grouped) {
    const head = element('p', 'message-head')
    const when = new Date(message.at)
    const time = element('time', 'message-time', when.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }))
    time.dateTime = when.toISOString()
    time.title = when.toLocaleString()
    head.append(element('bdi', 'message-name', message.user === me ? `${message.name} (you)` : message.name), time)
    row.append(avatar(message), head)
  }
  row.append(element('p', 'message-text', message.text))
  list.append(row)
  last = message
  if (atEnd || message.user === me) list.scrollTop = list.scrollHeight
}

function showPeople(people) {
  const rows = people.map((person) => {
    const row = element('li', 'person')
    row.append(avatar(person), element('bdi', '', person.user === me ? `${person.name} (you)` : person.name))
    return row
  })
  byId('people').replaceChildren(...rows)
}

function welcome(news) {
  me = news.me
  last = null
  for (const row of list.querySelectorAll('.message')) row.remove()
  byId('first').hidden = news.messages.length > 0
  for (const message of news.messages) show(message)
  list.scrollTop = list.scrollHeight
}

function setState(text, good) {
  state.textContent = text
  state.classList.toggle('good', good)
}

function connect() {
  socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/socket`)
  socket.addEventListener('open', () => {
    tries = 0
    setState('Connected', true)
  })
  socket.addEventListener('message', ({ data }) => {
    const news = JSON.parse(data)
    if (news.type === 'welcome') welcome(news)
    else if (news.type === 'message') show(news.message)
    else if (news.type === 'people') showPeople(news.people)
    else if (news.type === 'slow-down') setState('Too many messages at once. Wait a little.', false)
  })
  socket.addEventListener('close', () => {
    setState('Not connected. Trying again', false)
    tries += 1
    setTimeout(connect, Math.min(30_000, 500 * 2 ** tries))
  })
}

function fit() {
  field.style.height = 'auto'
  field.style.height = `${field.scrollHeight + 2}px`
}

byId('say').addEventListener('submit', (event) => {
  event.preventDefault()
  const text = field.value.trim()
  if (text === '' || socket?.readyState !== WebSocket.OPEN) return
  socket.send(JSON.stringify({ text }))
  field.value = ''
  fit()
})
field.addEventListener('input', fit)
field.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  byId('say').requestSubmit()
})

connect()
field.focus()
