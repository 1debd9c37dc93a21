/**
 * Text from outside (URLs, headers, log lines, manifests) as it may be shown (A29). React escapes HTML; what is left
 * are characters that are not seen but act: control characters, and marks that turn the reading direction around.
 * Each becomes a visible stand-in, so that nothing is hidden and nothing acts.
 */
const ACTING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g

export function visible(text: string): string {
  return text.replace(ACTING, standIn)
}

/** ASCII's own abbreviations, U+0000 … U+001F. Unicode's pictures of them are missing from many fonts. */
const NAMES =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  )

function standIn(char: string): string {
  const code = char.codePointAt(0) ?? 0
  return `[${NAMES[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`}]`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour sequence.
const COLOURS = /\u001b\[[0-9;]*m/g

/** A log line: colour sequences, which well-meant programs write, go; tabs become blanks; the rest as `visible`. */
export function visibleLogLine(text: string): string {
  return visible(text.replace(COLOURS, '').replaceAll('\t', '    '))
}

/** The first letter or digit of a title, for a tile without an icon. */
export function initial(text: string): string {
  return /[\p{L}\p{N}]/u.exec(text)?.[0].toUpperCase() ?? '?'
}

/** "1 app", "2 apps". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
