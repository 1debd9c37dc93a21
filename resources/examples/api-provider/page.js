import { html } from './html.js'

function timeOf(time) {
  return new Date(time).toLocaleTimeString('en-GB')
}

function short(key) {
  return key?.length > 12 ? `${key.slice(0, 8)}…` : key
}

function callText(rpc) {
  const params = Array.isArray(rpc?.params) ? rpc.params.map((param) => JSON.stringify(param)).join(', ') : ''
  return `${rpc?.method ?? '?'}(${params})`.slice(0, 200)
}

function callRow(call, user, name) {
  const { result, error } = call.answer
  return html`<tr>
    <td><time datetime="${new Date(call.at).toISOString()}">${timeOf(call.at)}</time></td>
    <td><code title="${call.service}">${short(call.service)}</code></td>
    <td>
      ${call.user === user ? name : call.user === 'system' ? 'everybody' : ''}
      <code title="${call.user}">${short(call.user)}</code>
    </td>
    <td><code>${callText(call.rpc)}</code></td>
    <td class="${error && 'bad'}"><code>${(error ? error.message : JSON.stringify(result)).slice(0, 200)}</code></td>
  </tr>`
}

function callTable(calls, user, name) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of calls">
    <table>
      <thead>
        <tr><th>Time</th><th>Calling app</th><th>For</th><th>Call</th><th>Answer</th></tr>
      </thead>
      <tbody>${calls.map((call) => callRow(call, user, name))}</tbody>
    </table>
  </div>`
}

export function page({ name, user, calls, api }) {
  return html`<html lang="en">
    <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>API provider</title>
      <link rel="icon" href="/icon.svg">
      <link rel="stylesheet" href="/style.css">
    </head>
    <body>
      <header class="bar"><img src="/icon.svg" alt="">API provider<span class="who">${name}</span></header>
      <main class="page">
        <h1>An API for other apps</h1>
        <p class="lead">
          Its manifest exports <code>${api.id}</code>. An app that calls that name at the host reaches this app, which
          is told by two headers who calls and for whom.
        </p>
        <section class="panel" aria-labelledby="methods">
          <div class="panel-head"><h2 id="methods">Methods</h2><p>JSON-RPC 2.0 at <code>${api.path}</code></p></div>
          <dl class="rows">
            ${api.methods.map((method) => html`<div><dt>${method.name}</dt><dd class="prose">${method.text}</dd></div>`)}
          </dl>
        </section>
        <section class="panel" aria-labelledby="calls">
          <div class="panel-head">
            <h2 id="calls">Calls made for you</h2>
            <a class="more" href="/">Refresh</a>
          </div>
          ${
            calls.length > 0
              ? callTable(calls, user, name)
              : html`<p class="empty">No calls yet. Open the app “API caller” and make one.</p>`
          }
        </section>
      </main>
    </body>
  </html>`
}
