/** What of our own may be handed to the system browser. */
export interface OwnAddresses {
  domain: string
  port: number
}

/**
 * Whether an address may be opened in the system browser: http(s) on our own names and port, nothing else. A scheme
 * such as file: or ms-msdt: would start whatever program is registered for it (Electron security checklist, 15).
 */
export function mayOpenExternally(address: string, own: OwnAddresses): boolean {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    return false
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return false
  // Name and password before the host are a way to dress up an address.
  if (url.username !== '' || url.password !== '') return false
  const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port)
  if (port !== own.port) return false
  const label = url.hostname.endsWith(`.${own.domain}`) ? url.hostname.slice(0, -own.domain.length - 1) : null
  return label !== null && /^[a-z0-9-]+$/.test(label)
}
