import { createHash } from 'node:crypto'
import type { PageModel, PagesModule } from '../../contract/pages.ts'
import type { Addresses } from '../addresses.ts'

interface Loaded {
  module: PagesModule
  stylesheetName: string
}

/** The pages that were built from renderer/web, loaded when the first one is asked for. */
export class Pages {
  readonly #load: () => Promise<PagesModule>
  readonly #addresses: Addresses
  /** Pages that are shown again as they are: a flood would otherwise cost more to refuse than to answer (C26). */
  readonly #rendered = new WeakMap<PageModel, string>()
  #loaded: Promise<Loaded> | null = null

  constructor(deps: { load(): Promise<PagesModule>; addresses: Addresses }) {
    this.#load = deps.load
    this.#addresses = deps.addresses
  }

  async render(model: PageModel): Promise<string> {
    const known = this.#rendered.get(model)
    if (known !== undefined) return known
    const { module, stylesheetName } = await this.#get()
    // With the host's name: these pages also stand in for an app, on that app's address, where every path is the app's.
    const html = module.renderPage(model, { stylesheetPath: `${this.#addresses.host}/_atek/${stylesheetName}` })
    if (model.page === 'message' && model.kind === 'rate-limited') this.#rendered.set(model, html)
    return html
  }

  /** The stylesheet, if this is its name. The name changes with the text, so that browsers may keep it. */
  async stylesheet(name: string): Promise<string | null> {
    const { module, stylesheetName } = await this.#get()
    return name === stylesheetName ? module.stylesheet : null
  }

  #get(): Promise<Loaded> {
    this.#loaded ??= this.#load().then(
      (module) => {
        const hash = createHash('sha256').update(module.stylesheet).digest('hex').slice(0, 16)
        return { module, stylesheetName: `style-${hash}.css` }
      },
      (error) => {
        this.#loaded = null
        throw error
      },
    )
    return this.#loaded
  }
}
