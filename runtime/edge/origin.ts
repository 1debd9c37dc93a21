/**
 * Whether a state-changing request, or a WebSocket, comes from a page of our own origin. Browsers send Origin with
 * every POST and every WebSocket, so a foreign page cannot get by without one; a client that sends neither Origin nor
 * Referer nor Sec-Fetch-Site is no browser, and no page can make it use its cookies.
 * @param ownOrigin scheme and the Host header as it came
 * @returns null when it may pass, otherwise the reason in exact words
 */
export function foreignOrigin(rawHeaders: readonly string[], ownOrigin: string): string | null {
  let origin: string | null = null
  let referer: string | null = null
  let site: string | null = null
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const value = rawHeaders[i + 1] ?? ''
    switch ((rawHeaders[i] ?? '').toLowerCase()) {
      case 'origin':
        if (origin !== null) return 'There are two Origin headers.'
        origin = value
        break
      case 'referer':
        referer = value
        break
      case 'sec-fetch-site':
        site = value.toLowerCase()
        break
    }
  }
  // `null` is what sandboxed frames and data: pages send; it is never ours (A21).
  if (origin !== null) return origin.toLowerCase() === ownOrigin ? null : 'The Origin is not our own.'
  if (referer !== null) {
    const from = URL.canParse(referer) ? new URL(referer).origin : 'null'
    return from === ownOrigin ? null : 'There is no Origin, and the Referer is not our own.'
  }
  if (site !== null && site !== 'same-origin' && site !== 'none') return 'Sec-Fetch-Site is not same-origin.'
  return null
}

/**
 * Whether a request to an app that may change something comes from a page that is not the app's own (C25, A22). The
 * app's cookie is no proof: a browser adds it to what a foreign page posts as soon as it takes both for one site.
 * GET, HEAD and OPTIONS change nothing (RFC 9110, 9.2.1) and are not looked at; SameSite=Lax has kept the cookie out of
 * what other sites embed.
 * @returns null when it may pass, otherwise the reason in exact words
 */
export function foreignChange(
  method: string | undefined,
  rawHeaders: readonly string[],
  ownOrigin: string,
): string | null {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return null
  const reason = foreignOrigin(rawHeaders, ownOrigin)
  if (reason === null || !isOwnWithoutReferrer(rawHeaders)) return reason
  return null
}

/**
 * A form of a page with `Referrer-Policy: no-referrer`, as helmet sets it for many apps, has the Origin `null` also
 * towards its own origin (Fetch, "append a request `Origin` header"). Sec-Fetch-Site tells it apart from a sandboxed
 * frame; no page can set that header itself.
 */
function isOwnWithoutReferrer(rawHeaders: readonly string[]): boolean {
  let origins = 0
  let sites = 0
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase()
    if (name === 'origin' && (rawHeaders[i + 1] !== 'null' || ++origins > 1)) return false
    if (name === 'sec-fetch-site' && (rawHeaders[i + 1] !== 'same-origin' || ++sites > 1)) return false
  }
  return origins === 1 && sites === 1
}

/** Whether a request is a page load: what may be answered with a page or a redirect instead of JSON. */
export function isPageLoad(method: string | undefined, accept: string | undefined): boolean {
  return (method === 'GET' || method === 'HEAD') && accept?.toLowerCase().includes('text/html') === true
}
