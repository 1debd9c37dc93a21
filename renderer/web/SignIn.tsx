import type { ReactNode } from 'react'
import type { PageModel } from '../../runtime/contract/pages.ts'
import { AppIcon, CardPage, Mark } from './parts.tsx'

type SignInModel = Extract<PageModel, { page: 'sign-in' }>

export function SignIn({ model }: { model: SignInModel }): ReactNode {
  if (model.needsFirstUser) return <NoAccountYet redirect={model.redirect} />
  const known = model.username !== ''
  return (
    <CardPage foot={model.app !== null}>
      {model.app === null ? <Mark /> : <AppIcon app={model.app} large />}
      <h1>Sign in</h1>
      <p className="lead">
        {model.app === null ? (
          'to your apps on this computer'
        ) : (
          <>
            to open <bdi>{model.app.title}</bdi>
          </>
        )}
      </p>
      <form className="form" method="post" action="/_atek/login">
        {model.error !== null && (
          <p className="alert" role="alert" id="sign-in-error">
            {model.error}
          </p>
        )}
        <input type="hidden" name="redirect" value={model.redirect} />
        <label htmlFor="username">Username</label>
        <input
          id="username"
          name="username"
          type="text"
          defaultValue={model.username}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          // biome-ignore lint/a11y/noAutofocus: the page has one purpose, and the field is the first thing on it
          autoFocus={!known}
          aria-describedby={model.error === null ? undefined : 'sign-in-error'}
        />
        <label htmlFor="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          // biome-ignore lint/a11y/noAutofocus: the name is there already, so the password is what is asked for
          autoFocus={known}
          aria-describedby={model.error === null ? undefined : 'sign-in-error'}
        />
        <button type="submit" className="button primary wide">
          Sign in
        </button>
      </form>
      <p className="hint">Forgot your password? An administrator can reset it in the Atek window.</p>
    </CardPage>
  )
}

/** C02: the first account is made in the desktop window only, so this page can only point there. */
function NoAccountYet({ redirect }: { redirect: string }): ReactNode {
  return (
    <CardPage foot={false}>
      <Mark />
      <h1>Welcome to Atek</h1>
      <p className="lead">
        There is no account on this computer yet. Make the first one in the Atek window, then come back here.
      </p>
      <div className="actions">
        <a className="button primary" href={redirect}>
          Try again
        </a>
      </div>
    </CardPage>
  )
}
