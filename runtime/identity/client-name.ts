/** In the order in which they must be asked: Edge and Opera say "Chrome", Chrome says "Safari". */
const BROWSERS: [RegExp, string][] = [
  [/\bElectron\b/, 'Atek Desktop'],
  [/\bEdg(e|A|iOS)?\b/, 'Edge'],
  [/\b(OPR|Opera)\b/, 'Opera'],
  [/\bVivaldi\b/, 'Vivaldi'],
  [/\b(Firefox|FxiOS)\b/, 'Firefox'],
  [/\bChromium\b/, 'Chromium'],
  [/\b(HeadlessChrome|Chrome|CriOS)\b/, 'Chrome'],
  [/\bSafari\b/, 'Safari'],
  [/\bcurl\b/i, 'curl'],
  [/\b(node|undici|node-fetch)\b/i, 'a Node program'],
]

const SYSTEMS: [RegExp, string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(iPhone|iPod)\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bWindows\b/, 'Windows'],
  [/\b(Macintosh|Mac OS X|macOS)\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

const LENGTH = 512

/**
 * Browser and system in words ("Firefox on Linux"), guessed from a User-Agent. Only words of our own come out: what a
 * client sends is never stored or shown (A29).
 */
export function clientName(userAgent: string | undefined): string {
  const text = (userAgent ?? '').slice(0, LENGTH)
  const browser = BROWSERS.find(([pattern]) => pattern.test(text))?.[1]
  const system = SYSTEMS.find(([pattern]) => pattern.test(text))?.[1]
  if (browser === undefined) return system === undefined ? 'an unknown client' : `an unknown client on ${system}`
  return system === undefined ? browser : `${browser} on ${system}`
}
