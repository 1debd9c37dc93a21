/**
 * A client's address as limits count it. This computer is one address: any of its programs can call from each of the
 * 16 million of 127.0.0.0/8, and from ::1, and would otherwise have as many fresh starts (A26).
 */
export function foldAddress(address: string): string {
  return address === '::1' || /^(?:::ffff:)?127\./i.test(address) ? 'loopback' : address
}
