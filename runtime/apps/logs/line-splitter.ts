import { StringDecoder } from 'node:string_decoder'
import { LIMITS } from '../../contract/limits.ts'
import { MASK, maskText } from '../../core/mask.ts'

/**
 * Makes lines of an app's output. The app's own bearer token never gets through (C51): it is masked in the whole text
 * before that is cut, however the app's writes and our limit happen to divide it.
 */
export class LineSplitter {
  readonly #secret: string
  readonly #decoder = new StringDecoder('utf8')
  #pending = ''

  constructor(secret: string) {
    this.#secret = secret
  }

  push(chunk: Buffer): string[] {
    this.#pending += this.#decoder.write(chunk)
    const lines = this.#pending.split('\n')
    this.#pending = this.#mask(lines.pop() ?? '')
    const result = lines.flatMap((line) => cut(this.#mask(line)))
    // A line without an end is given out in pieces, but for as much as could be the beginning of the secret.
    while (this.#pending.length >= LIMITS.logLineBytes + this.#secret.length) {
      result.push(this.#pending.slice(0, LIMITS.logLineBytes))
      this.#pending = this.#pending.slice(LIMITS.logLineBytes)
    }
    return result.map(finish)
  }

  /** What was left without a line's end. */
  end(): string[] {
    const rest = this.#mask(this.#pending + this.#decoder.end())
    this.#pending = ''
    return rest === '' ? [] : cut(rest).map(finish)
  }

  #mask(text: string): string {
    return text.replaceAll(this.#secret, MASK)
  }
}

function cut(line: string): string[] {
  const pieces: string[] = []
  let rest = line
  while (rest.length > LIMITS.logLineBytes) {
    pieces.push(rest.slice(0, LIMITS.logLineBytes))
    rest = rest.slice(LIMITS.logLineBytes)
  }
  return [...pieces, rest]
}

function finish(line: string): string {
  return maskText(line.endsWith('\r') ? line.slice(0, -1) : line)
}
