/** Says that the main process has rows to take. */
const listeners = new Set<() => void>()

export function onTrafficWaiting(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function announceTrafficWaiting(): void {
  for (const listener of [...listeners]) listener()
}
