const ASCII = /^[\0-\x7f]*$/

/** A text's UTF-8 bytes as latin1, one character for each: the form in which whole messages are read and written. */
export function latin1(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}
