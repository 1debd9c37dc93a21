/// <reference types="vite/client" />
import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import type { PageModel, PagesModule } from '../../runtime/contract/pages.ts'
import baseCss from './base.css?inline'
import cardCss from './card.css?inline'
import { Home } from './Home.tsx'
import homeCss from './home.css?inline'
import { Message } from './Message.tsx'
import { SignIn } from './SignIn.tsx'

/**
 * The host's own pages, rendered once in the host and sent as plain HTML: they need no script at all, so their CSP can
 * forbid every script and every inline style (C27). React escapes all text.
 */

// The browser tab's icon, inside the document so that nothing else has to be asked for.
const TAB_ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E" +
  "%3Crect width='24' height='24' rx='6' fill='%233b5bdb'/%3E" +
  "%3Cpath d='M6.5 17.5 12 6l5.5 11.5M9 13.75h6' fill='none' stroke='%23fff' stroke-width='2' " +
  "stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E"

function titleOf(model: PageModel): string {
  if (model.page === 'home') return 'Your apps'
  if (model.page === 'message') return model.title
  return model.needsFirstUser ? 'Welcome' : 'Sign in'
}

function bodyOf(model: PageModel): ReactNode {
  if (model.page === 'home') return <Home model={model} />
  if (model.page === 'message') return <Message model={model} />
  return <SignIn model={model} />
}

function Document({ model, stylesheetPath }: { model: PageModel; stylesheetPath: string }): ReactNode {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <title>{`${titleOf(model)} · Atek`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <link rel="icon" href={TAB_ICON} />
        <link rel="stylesheet" href={stylesheetPath} />
      </head>
      <body>{bodyOf(model)}</body>
    </html>
  )
}

export const renderPage: PagesModule['renderPage'] = (model, { stylesheetPath }) =>
  `<!doctype html>${renderToStaticMarkup(<Document model={model} stylesheetPath={stylesheetPath} />)}`

export const stylesheet: PagesModule['stylesheet'] = baseCss + cardCss + homeCss
