import { html } from './html.js'

function row(name, value, note) {
  return html`<div class="${note && 'marked'}">
    <dt>${name}</dt>
    <dd>${value}${note && html`<span class="note">${note}</span>`}</dd>
  </div>`
}

function step(number, title, text, rows) {
  return html`<li class="panel">
    <div class="panel-head"><h2><span class="number" aria-hidden="true">${number}</span>${title}</h2><p>${text}</p></div>
    <dl class="rows">${rows}</dl>
  </li>`
}

function problem({ code, message }, api) {
  const nobody = code === -32601
  return html`<div class="problem" role="alert">
    <h2>${nobody ? 'Nobody offers this API yet' : 'The call failed'}</h2>
    <p>
      ${
        nobody
          ? html`Install the example “API provider”, for the same owner as this app or for everyone, and try again.`
          : message
      }
    </p>
    <p><code>${api}</code> ${code !== null && html`<code>error ${code}</code>`}</p>
  </div>`
}

function steps({ sent, greeting, received, owner }, api, env) {
  const self = env.ATEK_ASSIGNED_SERVICE_KEY
  const forWhom =
    received.user === 'system'
      ? 'everybody: this app is installed for everyone'
      : html`${owner ?? 'the owner of this app'}, who owns this app`
  return html`<p class="result" role="status">${greeting}</p>
    <ol class="steps">
      ${step(1, 'Sent by this app', 'to the host', [
        row('POST', `http://localhost:${env.ATEK_HOST_PORT}/_atek/gateway?api=${api}`),
        row('Authorization', 'Bearer •••• (hidden)'),
        row('Body', JSON.stringify(sent)),
      ])}
      ${step(2, 'Received by the provider', 'from the host', [
        row('Atek-Auth-User', received.user, forWhom),
        row('Atek-Auth-Service', received.service, received.service === self ? 'this app, the caller' : 'the caller'),
        row('Body', JSON.stringify(sent)),
      ])}
      ${step(3, 'Came back', 'through the host', [row('Result', JSON.stringify(greeting))])}
    </ol>`
}

export function page({ name, api, outcome, env }) {
  return html`<html lang="en">
    <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>API caller</title>
      <link rel="icon" href="/icon.svg">
      <link rel="stylesheet" href="/style.css">
    </head>
    <body>
      <header class="bar"><img src="/icon.svg" alt="">API caller<span class="who">${name}</span></header>
      <main class="page">
        <h1>Call another app</h1>
        <p class="lead">
          This app knows neither the provider's address nor its process. It names an API, and the host finds the app
          that offers it, passes the call on, and vouches for the caller.
        </p>
        <form class="call" method="post" action="/">
          <label for="name">Whom to greet</label>
          <div class="line">
            <input id="name" name="name" value="${outcome?.name ?? name}" maxlength="100" required autocomplete="off">
            <button class="button primary" type="submit">Call the API</button>
          </div>
        </form>
        ${outcome && (outcome.problem ? problem(outcome.problem, api) : steps(outcome, api, env))}
      </main>
    </body>
  </html>`
}
