/**
 * A header's value, or undefined; several are joined with commas, as node:http joins them. From the raw headers, since
 * node:http makes its object of all headers when the first one is asked for, and most requests need none of it.
 * @param rawHeaders name, value, name, value … as node:http gives them
 * @param name in lower case
 */
export function headerValue(rawHeaders: readonly string[], name: string): string | undefined {
  let value: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const found = rawHeaders[i] ?? ''
    if (found.length !== name.length || found.toLowerCase() !== name) continue
    value = value === undefined ? rawHeaders[i + 1] : `${value}, ${rawHeaders[i + 1]}`
  }
  return value
}
