/** Numbers with their units. Sizes in bytes, durations in milliseconds. */

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'] as const

export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < SIZES.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : short(value)} ${SIZES[unit]}`
}

/** How long something took: "0.4 ms", "12 ms", "1.2 s", "2 min 5 s". */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${short(ms)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 59.95) return `${short(seconds)} s`
  return formatSpan(ms)
}

/** A span in its two largest units: "45 s", "3 min 20 s", "2 h 5 min", "4 d 3 h". */
export function formatSpan(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000))
  const parts: [number, string][] = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor((total % 86_400) / 3600), 'h'],
    [Math.floor((total % 3600) / 60), 'min'],
    [total % 60, 's'],
  ]
  const first = parts.findIndex(([value]) => value > 0)
  if (first < 0) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ')
}

export function formatRate(perSecond: number): string {
  // One request in an hour is not none.
  if (perSecond > 0 && perSecond < 0.1) return `${Number(perSecond.toPrecision(2))} req/s`
  return `${short(perSecond)} req/s`
}

export function formatPercent(percent: number): string {
  return `${short(percent)} %`
}

function short(value: number): string {
  if (value === 0) return '0'
  if (value < 10) return (Math.round(value * 10) / 10).toString()
  return Math.round(value).toLocaleString('en')
}
