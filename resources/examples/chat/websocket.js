import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'

/**
 * The part of RFC 6455 that a small server needs, so that this example installs without the network. An app with more
 * to do takes a library, such as `ws`.
 */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const MOST_MESSAGE_BYTES = 16 * 1024
/** A reader this far behind is let go, so that it cannot fill the memory. */
const MOST_UNSENT_BYTES = 1024 * 1024
const OP = { continuation: 0, text: 1, close: 8, ping: 9, pong: 10 }

function frame(opcode, payload) {
  const long = payload.length > 125
  const head = Buffer.alloc(payload.length > 0xffff ? 10 : long ? 4 : 2)
  head[0] = 0x80 | opcode
  if (head.length === 2) head[1] = payload.length
  else if (head.length === 4) {
    head[1] = 126
    head.writeUInt16BE(payload.length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  return Buffer.concat([head, payload])
}

/** One open connection. Emits `message` with a text, then once `close`. */
export class Connection extends EventEmitter {
  #socket
  #unread = Buffer.alloc(0)
  /** Pieces of a message that came in several frames; null between messages. */
  #pieces = null
  #heard = true
  #closed = false

  constructor(socket, head) {
    super()
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('end', () => socket.destroy())
    socket.on('close', () => this.#ended())
    if (head.length > 0) setImmediate(() => this.#read(head))
  }

  send(text) {
    if (this.#closed) return
    if (this.#socket.writableLength > MOST_UNSENT_BYTES) return this.#socket.destroy()
    this.#socket.write(frame(OP.text, Buffer.from(text)))
  }

  /** Ends the connection with a code of RFC 6455, 7.4.1. */
  close(code) {
    if (this.#closed) return
    const payload = Buffer.alloc(2)
    payload.writeUInt16BE(code)
    this.#socket.end(frame(OP.close, payload))
    this.#ended()
  }

  /** Called at intervals: whoever has not answered since the last one is gone. */
  checkAlive() {
    if (!this.#heard) return this.#socket.destroy()
    this.#heard = false
    if (!this.#closed) this.#socket.write(frame(OP.ping, Buffer.alloc(0)))
  }

  #ended() {
    if (this.#closed) return
    this.#closed = true
    this.emit('close')
  }

  #read(chunk) {
    this.#heard = true
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk])
    while (!this.#closed && this.#readFrame());
  }

  /** Takes one whole frame; false when there is none yet. */
  #readFrame() {
    const data = this.#unread
    if (data.length < 2) return false
    const final = (data[0] & 0x80) !== 0
    const opcode = data[0] & 0x0f
    let length = data[1] & 0x7f
    const control = opcode >= 8
    // Reserved bits belong to extensions, and none was agreed on; clients must mask (RFC 6455, 5.1 and 5.2).
    if ((data[0] & 0x70) !== 0 || (data[1] & 0x80) === 0 || (control && (!final || length > 125))) {
      this.close(1002)
      return false
    }
    let at = 2
    if (length === 126) {
      if (data.length < 4) return false
      length = data.readUInt16BE(2)
      at = 4
    } else if (length === 127) {
      this.close(1009)
      return false
    }
    if (length > MOST_MESSAGE_BYTES) {
      this.close(1009)
      return false
    }
    if (data.length < at + 4 + length) return false
    const mask = data.subarray(at, at + 4)
    const payload = Buffer.from(data.subarray(at + 4, at + 4 + length))
    for (let i = 0; i < payload.length; i++) payload[i] ^= mask[i & 3]
    this.#unread = data.subarray(at + 4 + length)
    this.#take(opcode, final, payload)
    return true
  }

  #take(opcode, final, payload) {
    if (opcode === OP.ping) this.#socket.write(frame(OP.pong, payload))
    else if (opcode === OP.close) this.close(1000)
    else if (opcode === OP.text || opcode === OP.continuation) this.#takeText(opcode, final, payload)
    else if (opcode !== OP.pong) this.close(opcode === 2 ? 1003 : 1002)
  }

  #takeText(opcode, final, payload) {
    // A continuation needs a beginning, and a beginning must not interrupt another message.
    if ((opcode === OP.continuation) !== (this.#pieces !== null)) return this.close(1002)
    const pieces = [...(this.#pieces ?? []), payload]
    if (pieces.reduce((sum, piece) => sum + piece.length, 0) > MOST_MESSAGE_BYTES) return this.close(1009)
    this.#pieces = final ? null : pieces
    if (!final) return
    try {
      this.emit('message', new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces)))
    } catch {
      this.close(1007)
    }
  }
}

/** Answers a request to switch to WebSocket; null when it was none, and it has been answered as a bad request. */
export function accept(request, socket, head) {
  const key = request.headers['sec-websocket-key'] ?? ''
  const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket'
  if (!isWebSocket || request.headers['sec-websocket-version'] !== '13' || !/^[A-Za-z0-9+/]{22}==$/.test(key)) {
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    return null
  }
  const answer = createHash('sha1')
    .update(key + GUID)
    .digest('base64')
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${answer}\r\n\r\n`,
  )
  return new Connection(socket, head)
}
