import { html } from './html.js'

/** What each of the host's variables is for. */
const VARIABLES = {
  ATEK_ASSIGNED_SOCKET_FILE: 'where this app listens',
  ATEK_ASSIGNED_SERVICE_KEY: 'who this app is',
  ATEK_HOST_PORT: 'where the host answers',
  ATEK_HOST_BEARER_TOKEN: 'what this app shows the host when it calls it',
  ATEK_APP_DATA_DIR: 'where this app may keep its data',
}

const AUTH = {
  'atek-auth-user': 'you: set by the host from your session',
  'atek-auth-service': 'this app: set by the host',
}

/** Values that let others in are never shown whole. */
function shown(name, value) {
  return /token|secret|password|cookie|authorization|api[-_]?key/i.test(name) ? '•••• (hidden)' : value
}

/** Pairs of name and value, as they came: `rawHeaders` is [name, value, name, value, …]. */
function pairs(rawHeaders) {
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1]]] : []))
}

function row(name, value, note) {
  return html`<div class="${note ? 'marked' : ''}">
    <dt>${name}</dt>
    <dd>${shown(name, value)}${note && html`<span class="note">${note}</span>`}</dd>
  </div>`
}

export function page({ name, request, env }) {
  const headers = pairs(request.rawHeaders).sort(
    ([a], [b]) => Number(b.toLowerCase() in AUTH) - Number(a.toLowerCase() in AUTH),
  )
  const variables = Object.entries(env).sort(([a], [b]) => Number(b in VARIABLES) - Number(a in VARIABLES))
  return html`<html lang="en">
    <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Hello</title>
      <link rel="icon" href="/icon.svg">
      <link rel="stylesheet" href="/style.css">
    </head>
    <body>
      <header class="bar"><img src="/icon.svg" alt="">Hello<span class="who">${name}</span></header>
      <main class="page">
        <h1>Hello${name && html`, <bdi>${name}</bdi>`}</h1>
        <p class="lead">
          You did not sign in here. The host knows you, and tells this app who you are with two headers that nobody
          else can set.
        </p>
        <section class="panel" aria-labelledby="headers">
          <div class="panel-head">
            <h2 id="headers">Headers</h2>
            <p>${request.method} ${request.url}, as this app received it</p>
          </div>
          <dl class="rows">${headers.map(([key, value]) => row(key, value, AUTH[key.toLowerCase()]))}</dl>
        </section>
        <section class="panel" aria-labelledby="variables">
          <div class="panel-head">
            <h2 id="variables">Environment</h2>
            <p>given to this app when it was started</p>
          </div>
          <dl class="rows">${variables.map(([key, value]) => row(key, value, VARIABLES[key]))}</dl>
        </section>
      </main>
    </body>
  </html>`
}
