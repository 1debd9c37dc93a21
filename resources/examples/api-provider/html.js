const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** HTML that is known to be safe; everything else is escaped. */
class Html {
  constructor(text) {
    this.text = text
  }
}

function part(value) {
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map(part).join('')
  if (value === null || value === undefined || value === false) return ''
  return String(value).replace(/[&<>"']/g, (letter) => ESCAPES[letter])
}

/** html`<p>${text}</p>`: what is put in is escaped, so no text can become markup. */
export function html(strings, ...values) {
  return new Html(strings.reduce((all, string, index) => all + part(values[index - 1]) + string))
}

// Nothing from elsewhere, no inline script or style: even a mistake in a page could not run a stranger's code.
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

export function send(response, status, type, body) {
  const text = body instanceof Html ? `<!doctype html>${body.text}` : body
  response.writeHead(status, { ...HEADERS, 'Content-Type': `${type}; charset=utf-8` })
  response.end(text)
}

export function sendPage(response, page, status = 200) {
  send(response, status, 'text/html', page)
}
