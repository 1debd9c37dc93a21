import { useSyncExternalStore } from 'react'

let now = Date.now()
let timer: ReturnType<typeof setInterval> | null = null
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === null) {
    now = Date.now()
    timer = setInterval(tick, 1000)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

function tick(): void {
  now = Date.now()
  for (const listener of [...listeners]) listener()
}

/**
 * A text that depends on the time; renders again only when the text changes. One timer for the whole window, and
 * none when nobody looks.
 */
export function useTimed(text: (now: number) => string): string {
  return useSyncExternalStore(subscribe, () => text(now))
}
