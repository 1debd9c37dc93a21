/** The host's pages as bare text, for tests that need no build. A PagesModule. */
export const stylesheet = 'body {}'

/** @param {import('../contract/pages.ts').PageModel} model */
export function renderPage(model) {
  const text = JSON.stringify(model).replace(/[<>&]/g, (c) => `&#${c.charCodeAt(0)};`)
  return `<!doctype html><title>${model.page}</title><pre>${text}</pre>`
}
