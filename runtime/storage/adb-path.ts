/**
 * A record's path, part by part. Parts are kept apart by a character that none of them holds, because a key may hold a
 * slash (a URL, say). U+0001 sorts before every other character but U+0000, so that a table's records stand together
 * and in the order of their keys.
 */
export type AdbPath = readonly string[]

const SEPARATOR = '\u0001'

/** Sorts after every path. */
const LAST = '\u{10FFFF}'

/** Not empty, without the characters that have a meaning here or (NUL, halves of pairs) no safe place in a column. */
export function isPathPart(part: string): boolean {
  return part.length > 0 && ![SEPARATOR, LAST, '\0'].some((sign) => part.includes(sign)) && !/\p{Cs}/u.test(part)
}

export function encodePath(path: AdbPath): string {
  return path.join(SEPARATOR)
}

export function decodePath(text: string): AdbPath {
  return text.split(SEPARATOR)
}

/** Everything beneath a path lies at or after `from` and before `to`. */
export function rangeBeneath(path: AdbPath): { from: string; to: string } {
  if (path.length === 0) return { from: '', to: LAST }
  const text = encodePath(path)
  return { from: text + SEPARATOR, to: `${text}\u0002` }
}
