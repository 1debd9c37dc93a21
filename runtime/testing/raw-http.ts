import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  status: number
  /** In the order and spelling in which they came. */
  headers: [name: string, value: string][]
  body: string
  header(name: string): string | null
  all(name: string): string[]
  json(): unknown
}

/**
 * Sends bytes as they are and reads until the server closes or every answer asked for is whole: what a client of
 * bad manners does, and no HTTP library lets one do.
 */
export async function rawExchange(port: number, bytes: string | Buffer, answers = 1): Promise<RawAnswer[]> {
  const socket = await open(port)
  try {
    socket.write(bytes)
    const reader = new AnswerReader(socket)
    const found: RawAnswer[] = []
    while (found.length < answers) {
      const answer = await reader.next()
      if (answer === null) break
      found.push(answer)
    }
    return found
  } finally {
    socket.destroy()
  }
}

/** One request with these head lines, closed after its answer. */
export async function rawRequest(port: number, head: string[], body = ''): Promise<RawAnswer> {
  const [answer] = await rawExchange(port, `${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`)
  if (answer === undefined) throw new Error('The server closed without an answer.')
  return answer
}

export function open(port: number, host = '127.0.0.1'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

/** Takes one answer after the other out of a connection. Knows Content-Length, chunked and until-close. */
export class AnswerReader {
  #data = Buffer.alloc(0)
  #closed = false
  #wake: () => void = () => {}

  constructor(socket: Socket) {
    socket.on('data', (chunk) => {
      this.#data = Buffer.concat([this.#data, chunk])
      this.#wake()
    })
    socket.on('close', () => {
      this.#closed = true
      this.#wake()
    })
  }

  /** @param bodiless an answer to HEAD */
  async next(bodiless = false): Promise<RawAnswer | null> {
    const end = await this.#find('\r\n\r\n')
    if (end === null) return null
    const [first = '', ...lines] = this.#take(end + 4)
      .toString('latin1')
      .slice(0, -4)
      .split('\r\n')
    const headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()]
    })
    const all = (name: string) =>
      headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
    const header = (name: string) => all(name)[0] ?? null
    const status = Number(first.split(' ')[1])
    const empty = bodiless || status < 200 || status === 204 || status === 304
    const body = empty ? '' : await this.#body(header('content-length'), header('transfer-encoding'))
    return { status, headers, body, header, all, json: () => JSON.parse(body) }
  }

  /** Everything that has come and was not taken. */
  get rest(): Buffer {
    return this.#data
  }

  async bytes(count: number): Promise<Buffer> {
    await this.#until(() => this.#data.length >= count)
    return this.#take(count)
  }

  async #body(length: string | null, encoding: string | null): Promise<string> {
    if (length !== null) return (await this.bytes(Number(length))).toString('utf8')
    if (encoding !== 'chunked') {
      await this.#until(() => false)
      return this.#take(this.#data.length).toString('utf8')
    }
    let body = ''
    for (;;) {
      const end = await this.#find('\r\n')
      if (end === null) throw new Error('The answer was cut off.')
      const size = Number.parseInt(this.#take(end + 2).toString('latin1'), 16)
      body += (await this.bytes(size)).toString('utf8')
      await this.bytes(2)
      if (size === 0) return body
    }
  }

  async #find(text: string): Promise<number | null> {
    await this.#until(() => this.#data.includes(text))
    const at = this.#data.indexOf(text)
    return at === -1 ? null : at
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #take(count: number): Buffer {
    const taken = this.#data.subarray(0, count)
    this.#data = this.#data.subarray(count)
    return taken
  }
}
