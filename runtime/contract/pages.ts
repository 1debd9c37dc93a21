/**
 * What the host's own pages in the browser show. Rendered by renderer/web (built to out/web/pages.js, whose exports
 * are PagesModule); the runtime knows only these types and the path of the built file.
 */

export interface PageApp {
  id: string
  title: string
  icon: string | null
  /** For the letter's colour when there is no icon. */
  key: string
}

export type PageModel =
  | {
      page: 'sign-in'
      /** Already checked: a path on this host, `/…`. Posted back as a hidden field. */
      redirect: string
      username: string
      error: string | null
      /** The app that the person was on the way to. */
      app: PageApp | null
      /** No account yet: nobody can sign in; says to open the Atek window. */
      needsFirstUser: boolean
    }
  | { page: 'home'; username: string; apps: (PageApp & { description: string; address: string; state: string })[] }
  | {
      page: 'message'
      kind: 'denied' | 'stopped' | 'crashed' | 'not-found' | 'bad-request' | 'unavailable' | 'rate-limited'
      title: string
      text: string
      app: PageApp | null
      /** Lines of monospace text, for the owner of a crashed app; otherwise empty. */
      details: string[]
      /** First is the primary one. */
      actions: ({ label: string; href: string } | { label: string; postTo: string })[]
    }

export interface PagesModule {
  /** A whole HTML document, all text escaped. Refers to nothing but `stylesheetPath`. */
  renderPage(model: PageModel, options: { stylesheetPath: string }): string
  /** The stylesheet's text; the host serves it under a hashed name. */
  stylesheet: string
}
