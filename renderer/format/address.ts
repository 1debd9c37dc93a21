/** An address as it is shown: without "http://" and a lone slash at its end. */
export function shortAddress(address: string): string {
  return address.replace(/^https?:\/\//, '').replace(/\/$/, '')
}

/** An app's address with another ID in its place, for showing what a change would lead to. */
export function addressWithId(address: string, id: string): string {
  return address.replace(/^(https?:\/\/)[^.]+/, `$1${id}`)
}
