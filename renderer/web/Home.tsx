import type { ReactNode } from 'react'
import type { PageModel } from '../../runtime/contract/pages.ts'
import { AppIcon, Brand } from './parts.tsx'

type HomeModel = Extract<PageModel, { page: 'home' }>
type HomeApp = HomeModel['apps'][number]

export function Home({ model }: { model: HomeModel }): ReactNode {
  return (
    <>
      <header className="bar">
        <Brand />
        <form className="person" method="post" action="/_atek/logout">
          <span className="person-name">{model.username}</span>
          <button type="submit" className="button small">
            Sign out
          </button>
        </form>
      </header>
      <main className="home">
        <h1>Your apps</h1>
        {model.apps.length === 0 ? (
          <div className="empty">
            <h2>No apps yet</h2>
            <p>Install one in the Atek window, under Apps. It appears here as soon as it is yours.</p>
          </div>
        ) : (
          <ul className="tiles">
            {model.apps.map((app) => (
              <li key={app.key}>
                <Tile app={app} />
              </li>
            ))}
          </ul>
        )}
      </main>
    </>
  )
}

function Tile({ app }: { app: HomeApp }): ReactNode {
  return (
    <a className="tile" href={app.address}>
      <AppIcon app={app} />
      <span className="tile-text">
        <span className="tile-title">{app.title}</span>
        {app.description !== '' && <span className="tile-description">{app.description}</span>}
        <span className="state">
          <span className={`dot dot-${dotOf(app.state)}`} aria-hidden="true" />
          {wordOf(app.state)}
        </span>
      </span>
    </a>
  )
}

/** States get a colour from a fixed list, so that a state's text never becomes part of a class name. */
function dotOf(state: string): 'good' | 'bad' | 'busy' | 'off' {
  if (state === 'running') return 'good'
  if (state === 'crashed' || state === 'unreachable') return 'bad'
  if (state === 'stopped') return 'off'
  return 'busy'
}

function wordOf(state: string): string {
  return state.charAt(0).toUpperCase() + state.slice(1)
}
