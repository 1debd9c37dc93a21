import { html } from './html.js'

export function page(name) {
  return html`<html lang="en">
    <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Chat</title>
      <link rel="icon" href="/icon.svg">
      <link rel="stylesheet" href="/style.css">
      <script src="/script.js" defer></script>
    </head>
    <body class="room">
      <header class="bar">
        <img src="/icon.svg" alt=""><h1>Chat</h1>
        <span id="state" class="state" role="status">Connecting</span>
        <span class="who">${name}</span>
      </header>
      <main class="talk">
        <div id="messages" class="messages" role="log" aria-label="Messages" tabindex="0">
          <noscript><p class="first">Chat needs JavaScript.</p></noscript>
          <p id="first" class="first" hidden>Nobody has said anything yet. Say hello.</p>
        </div>
        <form id="say" class="say">
          <textarea id="text" rows="1" maxlength="2000" placeholder="Write a message" aria-label="Message"></textarea>
          <button class="button primary" type="submit">Send</button>
        </form>
      </main>
      <aside class="people" aria-labelledby="here" tabindex="0">
        <h2 id="here">Here now</h2>
        <ul id="people"></ul>
      </aside>
    </body>
  </html>`
}
