/**
 * Tile colours: each carries white letters with a contrast of at least 4.5:1 (WCAG 1.4.3) and stands out from the
 * window's background, light or dark.
 */
const TILES = [
  '#4263eb',
  '#7048e8',
  '#9c36b5',
  '#c2255c',
  '#c92a2a',
  '#b8460e',
  '#8a6100',
  '#4c7a10',
  '#237a3b',
  '#087f6b',
  '#0b7285',
  '#1769aa',
] as const

/** The colour that belongs to a user's or an app's key; always the same for the same key. */
export function colourOfKey(key: string): string {
  // FNV-1a, 32 bit: spreads neighbouring keys well.
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  return TILES[(hash >>> 0) % TILES.length] ?? TILES[0]
}
