import type { ReactNode } from 'react'
import type { PageApp } from '../../runtime/contract/pages.ts'

/** Letter icons get one of this many colours (classes `tint-0` …); colours cannot be inline, the CSP forbids it. */
const TINTS = 8

/** The same app has the same colour everywhere, because it comes from the key, which never changes. */
export function tintOf(key: string): number {
  let sum = 0
  for (const letter of key) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521
  return sum % TINTS
}

/** Only pictures, and only inside the document: a manifest must not make the host's pages load anything (A29). */
function isPicture(icon: string): boolean {
  return /^data:image\/(svg\+xml|png)[;,]/.test(icon)
}

export function AppIcon({ app, large = false }: { app: PageApp; large?: boolean }): ReactNode {
  const size = large ? ' app-icon-large' : ''
  if (app.icon !== null && isPicture(app.icon)) return <img className={`app-icon${size}`} src={app.icon} alt="" />
  const letter = [...(app.title.trim() || app.id)][0] ?? '?'
  return (
    <span className={`app-icon app-letter tint-${tintOf(app.key)}${size}`} aria-hidden="true">
      {letter.toUpperCase()}
    </span>
  )
}

/** The app's icon (resources/icons/icon.svg) in one flat colour. */
export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="64 64 896 896" aria-hidden="true">
      <rect className="mark-ground" x="64" y="64" width="896" height="896" rx="204" />
      <path className="mark-ground-line" d="M176 620H318M706 620H848" />
      <path className="mark-line" d="M280 768L512 252L744 768" />
      <circle className="mark-dot" cx="512" cy="620" r="62" />
    </svg>
  )
}

export function Brand(): ReactNode {
  return (
    <span className="brand">
      <Mark />
      Atek
    </span>
  )
}

/** One centred card: sign-in and messages. `foot` is off where the card itself already shows whose page it is. */
export function CardPage({ children, foot = true }: { children: ReactNode; foot?: boolean }): ReactNode {
  return (
    <div className="centred">
      <main className="card">{children}</main>
      {foot && (
        <footer className="foot">
          <Brand />
        </footer>
      )}
    </div>
  )
}
