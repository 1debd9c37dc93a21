import type { ReactNode } from 'react'
import type { PageModel } from '../../runtime/contract/pages.ts'
import { AppIcon, CardPage } from './parts.tsx'

type MessageModel = Extract<PageModel, { page: 'message' }>

/** Line drawings on a 24 × 24 grid, one a kind. */
const DRAWINGS: Record<MessageModel['kind'], string> = {
  denied: 'M7 11h10v8H7zM9 11V8.5a3 3 0 0 1 6 0V11',
  stopped: 'M9.5 7.5v9M14.5 7.5v9',
  crashed: 'M12 7v6.5M12 16.75v.25',
  'not-found': 'M15.2 15.2 19 19M17 11a6 6 0 1 1-12 0 6 6 0 0 1 12 0z',
  'bad-request': 'M8 8l8 8M16 8l-8 8',
  unavailable: 'M6 8h12v3H6zM6 13.5h12v3H6zM8.5 9.5h.01M8.5 15h.01',
  'rate-limited': 'M18.5 12a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0zM12 8.5V12l2.5 1.5',
}

export function Message({ model }: { model: MessageModel }): ReactNode {
  return (
    <CardPage>
      <span className="emblem">
        {model.app !== null && <AppIcon app={model.app} large />}
        <span className={`kind kind-${model.kind}${model.app === null ? '' : ' kind-badge'}`} aria-hidden="true">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d={DRAWINGS[model.kind]} />
          </svg>
        </span>
      </span>
      {/* Not twice: "Notes is stopped" says already which app it is. */}
      {model.app !== null && !model.title.includes(model.app.title) && <p className="over">{model.app.title}</p>}
      <h1>{model.title}</h1>
      <p className="lead">{model.text}</p>
      {model.details.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll sideways, which the keyboard must reach
        <section className="details" aria-label="What the app wrote last" tabIndex={0}>
          <pre>{model.details.join('\n')}</pre>
        </section>
      )}
      {model.actions.length > 0 && (
        <div className="actions">
          {model.actions.map((action, index) => (
            <Action key={action.label} action={action} primary={index === 0} />
          ))}
        </div>
      )}
    </CardPage>
  )
}

function Action({ action, primary }: { action: MessageModel['actions'][number]; primary: boolean }): ReactNode {
  const look = primary ? 'button primary' : 'button'
  if ('href' in action) {
    return (
      <a className={look} href={action.href}>
        {action.label}
      </a>
    )
  }
  return (
    <form method="post" action={action.postTo}>
      <button type="submit" className={look}>
        {action.label}
      </button>
    </form>
  )
}
