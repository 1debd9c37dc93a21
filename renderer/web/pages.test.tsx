import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PageModel } from '../../runtime/contract/pages.ts'
import { renderPage } from './pages.tsx'
import { tintOf } from './parts.tsx'

const stylesheetPath = '/_atek/style-0123456789abcdef.css'
const render = (model: PageModel) => renderPage(model, { stylesheetPath })

const key = '0123456789abcdef0123456789abcdef'
const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>' style="x:y" \u202e&amp;`

function allPages(text: string, icon: string | null = null): PageModel[] {
  const app = { id: 'notes', title: text, icon, key }
  const signIn = { page: 'sign-in', redirect: `/${text}`, username: text, error: text, app } as const
  return [
    { ...signIn, needsFirstUser: false },
    { ...signIn, needsFirstUser: true },
    { ...signIn, app: null, error: null, needsFirstUser: false },
    {
      page: 'home',
      username: text,
      apps: [{ ...app, description: text, address: 'http://notes.localhost:8420/', state: text }],
    },
    { page: 'home', username: text, apps: [] },
    {
      page: 'message',
      kind: 'crashed',
      title: text,
      text,
      app,
      details: [text, text],
      actions: [
        { label: `go ${text}`, href: `/${text}` },
        { label: `start ${text}`, postTo: `/${text}` },
      ],
    },
  ]
}

/** Names of the elements and attributes of a document that this module wrote (every value is in double quotes). */
function structure(html: string): string[] {
  const tags = html.match(/<[a-z][^\s>/]*(?:\s+[a-zA-Z-]+(?:="[^"]*")?)*\s*\/?>/g) ?? []
  return tags.map((tag) => tag.replace(/="[^"]*"/g, ''))
}

describe('hostile text stays text', () => {
  test('A29: no text from outside adds an element or an attribute', () => {
    const plain = allPages('plain').map((model) => structure(render(model)))
    const hostile = allPages(HOSTILE).map((model) => structure(render(model)))
    expect(hostile).toEqual(plain)
  })

  test('A29: the same for any text at all', () => {
    const plain = allPages('plain').map((model) => structure(render(model)))
    const piece = fc.constantFrom('<', '>', '"', "'", '&', '/', '<script>', '-->', '<!--', '\u202e', '\0', 'a', ' ')
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { minLength: 1, maxLength: 12 }), (pieces) => {
        const text = `x${pieces.join('')}`
        expect(allPages(text).map((model) => structure(render(model)))).toEqual(plain)
      }),
      { numRuns: 60 },
    )
  })

  test('A29: an icon that is not a picture inside the document is not shown', () => {
    for (const icon of ['https://evil.test/i.png', 'javascript:alert(1)', 'data:text/html,<b>', '//evil.test/x']) {
      for (const model of allPages('Notes', icon)) expect(render(model)).not.toContain('<img')
    }
    const picture = 'data:image/png;base64,iVBORw0KGgo='
    expect(render(allPages('Notes', picture)[0] as PageModel)).toContain(`src="${picture}"`)
  })
})

test('C27: no script, no inline style, no handler, nothing loaded from outside', async () => {
  for (const model of allPages(HOSTILE)) {
    for (const tag of structure(render(model)))
      expect(tag).not.toMatch(/^<(script|style|iframe|base)|\s(style|on\w+)\b/)
    // What a document loads: links, pictures, and where its forms go.
    const loaded = [...render(model).matchAll(/<(?:link|img)[^>]*?(?:href|src)="([^"]*)"/g)].map((match) => match[1])
    for (const target of loaded) expect(target?.startsWith('data:') || target === stylesheetPath).toBe(true)
  }
  for (const name of ['base.css', 'card.css', 'home.css']) {
    const css = await readFile(new URL(name, import.meta.url), 'utf8')
    expect(css).not.toMatch(/url\(|@import|@font-face/)
  }
})

describe('what people and tests find on the pages', () => {
  test('sign-in: a plain form with labelled fields, the redirect, and the error announced', () => {
    const html = render(allPages('Notes')[0] as PageModel)
    expect(html).toMatch(/<form class="form" action="\/_atek\/login" method="post">/)
    expect(html).toMatch(/<label for="username">Username<\/label><input[^>]*id="username"[^>]*name="username"/)
    expect(html).toMatch(/<label for="password">Password<\/label><input[^>]*id="password"[^>]*type="password"/)
    expect(html).toContain('<input type="hidden" name="redirect" value="/Notes"/>')
    expect(html).toMatch(/role="alert"[^>]*>Notes</)
    expect(html).toMatch(/<button type="submit"[^>]*>Sign in<\/button>/)
  })

  test('C02: without an account there is no form, only the way to the window', () => {
    const html = render(allPages('Notes')[1] as PageModel)
    expect(html).not.toContain('<form')
    expect(html).toContain('Make the first one in the Atek window')
  })

  test('home: each app links to its own address, its state is a word', () => {
    const model: PageModel = {
      page: 'home',
      username: 'alice',
      apps: [
        { id: 'notes', title: 'Notes', icon: null, key, description: '', address: 'http://n.x/', state: 'running' },
      ],
    }
    const html = render(model)
    expect(html).toContain('href="http://n.x/"')
    expect(html).toContain('Running')
    expect(html).toMatch(/<form[^>]*action="\/_atek\/logout"/)
  })

  test('message: links and posts, the first one primary', () => {
    const html = render(allPages('x')[5] as PageModel)
    expect(html).toMatch(/<a class="button primary" href="\/x">go x<\/a>/)
    expect(html).toMatch(/<form action="\/x" method="post"><button type="submit" class="button">start x/)
  })
})

test('an app keeps its colour, and keys spread over all of them', () => {
  expect(tintOf(key)).toBe(tintOf(key))
  const seen = new Set(Array.from({ length: 200 }, (_, index) => tintOf(index.toString(16).padStart(32, '0'))))
  expect(seen.size).toBe(8)
})
