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
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='64 64 896 896' fill='none' " +
  "stroke-linecap='round' stroke-linejoin='round'%3E" +
  "%3Crect x='64' y='64' width='896' height='896' rx='204' fill='%233b5bdb'/%3E" +
  "%3Cpath d='M176 620H318M706 620H848' stroke='%23b9c2ff' stroke-width='64'/%3E" +
  "%3Cpath d='M280 768 512 252l232 516' stroke='%23fff' stroke-width='104'/%3E" +
  "%3Ccircle cx='512' cy='620' r='62' fill='%23fff'/%3E%3C/svg%3E"

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
