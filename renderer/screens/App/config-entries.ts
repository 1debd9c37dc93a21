/** The config editor works on a list, so that a line may be half-typed; the host gets a record. */
export interface ConfigEntry {
  /** Identity of the line while it is edited. */
  line: number
  key: string
  value: string
}

export function toEntries(config: Record<string, string>): ConfigEntry[] {
  return Object.entries(config).map(([key, value], line) => ({ line, key, value }))
}

/** What would be saved; lines that are empty altogether do not count. */
export function toConfig(entries: readonly ConfigEntry[]): Record<string, string> {
  return Object.fromEntries(filled(entries).map(({ key, value }) => [key.trim(), value]))
}

/** What is wrong with each line, by its identity. The host checks again, and knows which names it forbids. */
export function entryProblems(entries: readonly ConfigEntry[]): Map<number, string> {
  const problems = new Map<number, string>()
  const seen = new Set<string>()
  for (const { line, key } of filled(entries)) {
    // Keys are upper-cased on their way into the environment, so two spellings are one variable.
    const name = key.trim().toUpperCase()
    if (name === '') problems.set(line, 'Enter a name.')
    else if (!/^[A-Z_][A-Z0-9_]*$/.test(name)) problems.set(line, 'Letters, digits and _ only.')
    else if (name.startsWith('ATEK_')) problems.set(line, 'This name belongs to the host.')
    else if (seen.has(name)) problems.set(line, 'This name is there twice.')
    seen.add(name)
  }
  return problems
}

/** Whether a value should be covered until somebody asks to see it (C51). */
export function looksSecret(key: string): boolean {
  return /pass|secret|token|credential|private|api_?key/i.test(key)
}

export function sameConfig(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
}

function filled(entries: readonly ConfigEntry[]): readonly ConfigEntry[] {
  return entries.filter(({ key, value }) => key.trim() !== '' || value !== '')
}
