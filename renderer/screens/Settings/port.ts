/** What is wrong with a port as it was typed, or null. */
export function portProblem(text: string): string | null {
  const port = Number(text)
  return /^\d{1,5}$/.test(text.trim()) && port <= 65_535 ? null : 'A port is a number from 0 to 65535.'
}
