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

/** Whether a request is a page load: what may be answered with a page or a redirect instead of JSON. */
export function isPageLoad(method: string | undefined, accept: string | undefined): boolean {
  return (method === 'GET' || method === 'HEAD') && accept?.toLowerCase().includes('text/html') === true
}
