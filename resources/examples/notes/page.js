import { html } from './html.js'

function layout(title, body) {
  return html`<html lang="en">
    <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>${title}</title>
      <link rel="icon" href="/icon.svg">
      <link rel="stylesheet" href="/style.css">
    </head>
    <body>${body}</body>
  </html>`
}

function bar(name) {
  return html`<header class="bar">
    <img src="/icon.svg" alt="">
    <span class="name">Notes</span>
    <span class="who">${name}</span>
  </header>`
}

function titleOf(note) {
  return note.title.trim() || note.text.trim().split('\n')[0].slice(0, 80) || 'Untitled'
}

function excerpt(note) {
  const lines = note.text.trim().split('\n')
  return (note.title.trim() ? lines : lines.slice(1)).join(' ').slice(0, 120)
}

function dateOf(time) {
  return new Date(time).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
}

function item(note, current) {
  return html`<li>
    <a href="/?note=${note.id}" class="item" ${current && html`aria-current="page"`}>
      <span class="item-title">${titleOf(note)}</span>
      <span class="item-text">${excerpt(note)}</span>
      <time class="item-date" datetime="${new Date(note.changedAt).toISOString()}">${dateOf(note.changedAt)}</time>
    </a>
  </li>`
}

function editor(note) {
  return html`<div class="editor">
    <a class="back" href="/">All notes</a>
    <form id="note" class="fields" method="post" action="/save">
      <input type="hidden" name="id" value="${note?.id}">
      <input class="title" name="title" aria-label="Title" placeholder="Title" maxlength="200" value="${note?.title}"
        autocomplete="off">
      <textarea class="text" name="text" aria-label="Text" placeholder="Write something">
${note?.text}</textarea>
    </form>
    <div class="tools">
      <button class="button primary" type="submit" form="note">Save</button>
      ${
        note &&
        html`<details class="delete">
          <summary class="button">Delete</summary>
          <form method="post" action="/delete">
            <input type="hidden" name="id" value="${note.id}">
            <p>This note will be gone for good.</p>
            <button class="button danger" type="submit">Delete this note</button>
          </form>
        </details>`
      }
    </div>
  </div>`
}

function nothingOpen(count) {
  return html`<div class="nothing">
    <p>${count === 0 ? 'Nothing written yet.' : 'Choose a note to read it.'}</p>
    <a class="button primary" href="/?note=new">Write ${count === 0 ? 'your first note' : 'a new note'}</a>
  </div>`
}

/** The list of notes beside the one that is open; on a narrow screen one of the two. */
export function notePage({ notes, note, isNew, name }) {
  const open = note !== null || isNew
  return layout(
    note ? titleOf(note) : 'Notes',
    html`<div class="app ${open && 'is-open'}">
      ${bar(name)}
      <main class="panes">
      <h1 class="unseen">${note ? titleOf(note) : 'Notes'}</h1>
      <nav class="list" aria-label="Notes">
        <div class="list-head">
          <h2>${notes.length === 1 ? '1 note' : `${notes.length} notes`}</h2>
          <a class="button" href="/?note=new">New note</a>
        </div>
        <ul>${notes.map((one) => item(one, one.id === note?.id))}</ul>
      </nav>
      <div class="open">${open ? editor(note) : nothingOpen(notes.length)}</div>
      </main>
    </div>`,
  )
}

export function problemPage(text) {
  return layout(
    'Notes',
    html`${bar(null)}
      <main class="page">
        <h1>That did not work</h1>
        <p class="lead">${text}</p>
        <p class="again"><a class="button primary" href="/">Your notes</a></p>
      </main>`,
  )
}
