import { LIMITS } from '../../contract/limits.ts'

/** The bytes are no JSON object, or not one that can be read in pieces. */
export class ScanError extends Error {}

const numbered = <T extends string>(...names: T[]) =>
  Object.fromEntries(names.map((name, n) => [name, n])) as Record<T, number>
const AT = numbered(
  ...([
    'value',
    'valueOrEnd',
    'keyOrEnd',
    'key',
    'colon',
    'after',
    'string',
    'escape',
    'hex',
    'literal',
    'done',
  ] as const),
  ...(['minus', 'zero', 'digits', 'point', 'fraction', 'exponent', 'sign', 'power'] as const),
)

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OBJECT = 0
const ARRAY = 1
/** Of a member that is kept. */
const KEPT_BYTES = 4096

const isSpace = (c: number) => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09
const isDigit = (c: number) => c >= 0x30 && c <= 0x39
const isHex = (c: number) => isDigit(c) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66)

/**
 * Reads one JSON object as its bytes come (RFC 8259), so that a large one need not be held: one member, `pass`, is
 * handed on as it is, byte by byte checked; those of `keep` are small and read; the others are skipped. Throws ScanError
 * for what JSON.parse would not read, and for a name that is there twice: two readers could differ about which one counts.
 */
export class ObjectScanner {
  readonly members = new Map<string, unknown>()
  /** Those of `keep` as they were written, their bytes as latin1. */
  readonly texts = new Map<string, string>()
  readonly #pass: string
  readonly #keep: readonly string[]
  readonly #sink: (piece: Buffer) => void
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true })
  readonly #stack: number[] = []
  readonly #names = new Set<string>()
  #at = AT.value
  #isKey = false
  #left = 0
  #literal = ''
  /** What becomes of the bytes at hand, and from where in the piece on. */
  #taking: 'key' | 'keep' | 'pass' | null = null
  #from = 0
  #kept: Buffer[] = []
  #keptBytes = 0
  #name = ''

  constructor(options: { pass: string; keep: readonly string[]; sink: (piece: Buffer) => void }) {
    this.#pass = options.pass
    this.#keep = options.keep
    this.#sink = options.sink
  }

  /** Whether the bytes so far end inside of the member that is passed on. */
  get passing(): boolean {
    return this.#taking === 'pass'
  }

  write(piece: Buffer): void {
    try {
      this.#utf8.decode(piece, { stream: true })
    } catch {
      throw new ScanError('It is not UTF-8.')
    }
    this.#from = 0
    for (let i = 0; i < piece.length; i++) {
      if (this.#at === AT.string) {
        i = this.#string(piece, i)
        continue
      }
      if (this.#step(piece[i] ?? 0, piece, i)) continue
      // A number has ended before this byte, which is read again as what follows it.
      i--
    }
    if (this.#taking !== null) this.#take(piece.subarray(this.#from))
  }

  /** The object must be whole by now. */
  end(): void {
    if (this.#at !== AT.done) throw new ScanError('It ends too early.')
  }

  /** From `i` to the end of the string, or of the piece. */
  #string(piece: Buffer, from: number): number {
    for (let i = from; i < piece.length; i++) {
      const c = piece[i] ?? 0
      if (c === QUOTE) {
        this.#stringEnd(piece, i)
        return i
      }
      if (c === BACKSLASH) {
        this.#at = AT.escape
        return i
      }
      if (c < 0x20) throw new ScanError('A string has a control character.')
    }
    return piece.length
  }

  /** False when the byte is to be read again. */
  #step(c: number, piece: Buffer, i: number): boolean {
    switch (this.#at) {
      case AT.valueOrEnd:
        if (c === 0x5d) return this.#close(ARRAY, piece, i)
        return isSpace(c) || this.#value(c, i)
      case AT.value:
        return isSpace(c) || this.#value(c, i)
      case AT.keyOrEnd:
        if (c === 0x7d) return this.#close(OBJECT, piece, i)
        return isSpace(c) || this.#keyStart(c, i)
      case AT.key:
        return isSpace(c) || this.#keyStart(c, i)
      case AT.colon:
        if (c === 0x3a) this.#at = AT.value
        else if (!isSpace(c)) throw new ScanError('A name has no value.')
        return true
      case AT.after:
        return isSpace(c) || this.#next(c, piece, i)
      case AT.escape:
        if (c === 0x75) {
          this.#at = AT.hex
          this.#left = 4
        } else if ('"\\/bfnrt'.includes(String.fromCharCode(c))) this.#at = AT.string
        else throw new ScanError('A string has an escape that there is not.')
        return true
      case AT.hex:
        if (!isHex(c)) throw new ScanError('A string has an escape that there is not.')
        if (--this.#left === 0) this.#at = AT.string
        return true
      case AT.literal:
        if (c !== this.#literal.charCodeAt(this.#left)) throw new ScanError('It has a word that JSON has not.')
        if (++this.#left === this.#literal.length) this.#valueEnd(piece, i + 1)
        return true
      case AT.done:
        if (!isSpace(c)) throw new ScanError('Something follows the object.')
        return true
      default:
        return this.#number(c, piece, i)
    }
  }

  #value(c: number, i: number): true {
    if (this.#stack.length === 0 && c !== 0x7b) throw new ScanError('It is no object.')
    if (this.#stack.length === 1 && this.#taking === null) this.#begin(i)
    if (c === QUOTE) this.#at = AT.string
    else if (c === 0x7b || c === 0x5b) {
      if (this.#stack.length >= LIMITS.rpcDepth) throw new ScanError('It is nested too deeply.')
      this.#stack.push(c === 0x7b ? OBJECT : ARRAY)
      this.#at = c === 0x7b ? AT.keyOrEnd : AT.valueOrEnd
    } else if (c === 0x2d) this.#at = AT.minus
    else if (c === 0x30) this.#at = AT.zero
    else if (isDigit(c)) this.#at = AT.digits
    else {
      this.#literal = c === 0x74 ? 'true' : c === 0x66 ? 'false' : c === 0x6e ? 'null' : ''
      if (this.#literal === '') throw new ScanError('It has something that is no value.')
      this.#at = AT.literal
      this.#left = 1
    }
    return true
  }

  /** The value of a member of the object itself begins. */
  #begin(i: number): void {
    if (this.#name === this.#pass) this.#taking = 'pass'
    else if (this.#keep.includes(this.#name)) this.#taking = 'keep'
    this.#from = i
  }

  #keyStart(c: number, i: number): true {
    if (c !== QUOTE) throw new ScanError('It has something where a name should be.')
    this.#at = AT.string
    this.#isKey = true
    if (this.#stack.length === 1) {
      this.#taking = 'key'
      this.#from = i
    }
    return true
  }

  #stringEnd(piece: Buffer, i: number): void {
    if (!this.#isKey) {
      this.#valueEnd(piece, i + 1)
      return
    }
    this.#isKey = false
    this.#at = AT.colon
    if (this.#stack.length !== 1) return
    this.#name = String(JSON.parse(this.#taken(piece, i + 1).toString('utf8')))
    const known = this.#name === this.#pass || this.#keep.includes(this.#name)
    if (known && this.#names.has(this.#name)) throw new ScanError(`It has "${this.#name}" twice.`)
    if (known) this.#names.add(this.#name)
  }

  #next(c: number, piece: Buffer, i: number): true {
    const inside = this.#stack.at(-1)
    if (c === 0x2c) this.#at = inside === OBJECT ? AT.key : AT.value
    else this.#close(c === 0x7d ? OBJECT : c === 0x5d ? ARRAY : -1, piece, i)
    return true
  }

  #close(kind: number, piece: Buffer, i: number): true {
    if (this.#stack.pop() !== kind) throw new ScanError('Its brackets do not fit.')
    this.#valueEnd(piece, i + 1)
    return true
  }

  #number(c: number, piece: Buffer, i: number): boolean {
    const at = this.#at
    if (isDigit(c)) {
      if (at === AT.minus) this.#at = c === 0x30 ? AT.zero : AT.digits
      else if (at === AT.point) this.#at = AT.fraction
      else if (at === AT.exponent || at === AT.sign) this.#at = AT.power
      else if (at === AT.zero) throw new ScanError('A number begins with 0.')
      return true
    }
    const whole = at === AT.zero || at === AT.digits
    if (c === 0x2e && whole) this.#at = AT.point
    else if ((c === 0x65 || c === 0x45) && (whole || at === AT.fraction)) this.#at = AT.exponent
    else if ((c === 0x2b || c === 0x2d) && at === AT.exponent) this.#at = AT.sign
    else if (whole || at === AT.fraction || at === AT.power) {
      this.#valueEnd(piece, i)
      return false
    } else throw new ScanError('A number is not whole.')
    return true
  }

  /** @param end where in the piece the value has ended */
  #valueEnd(piece: Buffer, end: number): void {
    if (this.#stack.length === 0) {
      this.#at = AT.done
      return
    }
    this.#at = AT.after
    if (this.#stack.length !== 1 || this.#taking === null) return
    if (this.#taking === 'keep') {
      const bytes = this.#taken(piece, end)
      this.members.set(this.#name, JSON.parse(bytes.toString('utf8')))
      this.texts.set(this.#name, bytes.toString('latin1'))
    } else {
      this.#take(piece.subarray(this.#from, end))
      this.#taking = null
    }
  }

  #take(bytes: Buffer): void {
    if (this.#taking === 'pass') {
      if (bytes.length > 0) this.#sink(bytes)
      return
    }
    this.#keptBytes += bytes.length
    if (this.#keptBytes > KEPT_BYTES) throw new ScanError('A name, or what it names, is too long.')
    this.#kept.push(bytes)
  }

  /** What was kept up to here. */
  #taken(piece: Buffer, end: number): Buffer {
    this.#take(piece.subarray(this.#from, end))
    const bytes = Buffer.concat(this.#kept)
    this.#kept = []
    this.#keptBytes = 0
    this.#taking = null
    return bytes
  }
}
