import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'

export interface TarEntry {
  path: string
  /** ustar: 0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 folder, 6 pipe. */
  type?: '0' | '1' | '2' | '3' | '4' | '5' | '6'
  link?: string
  text?: string
}

const BLOCK = 512

/** A tar header (POSIX ustar). */
function header({ path, type = '0', link = '' }: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  block.write(path, 0, 100, 'utf8')
  octal(0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  if (size < 8 ** 11) octal(size, 124, 12)
  else {
    // Base 256, for what octal has no room for.
    block[124] = 0x80
    block.writeBigUInt64BE(BigInt(size), 128)
  }
  octal(0, 136, 12)
  block.write('        ', 148, 'latin1')
  block.write(type, 156, 'latin1')
  block.write(link, 157, 100, 'utf8')
  block.write('ustar\x0000', 257, 'latin1')
  octal(1, 329, 8)
  octal(1, 337, 8)
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function file(entry: TarEntry): Buffer {
  const content = Buffer.from(entry.text ?? '')
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
  return Buffer.concat([header(entry, content.length), content, padding])
}

/** What npm would unpack, as no honest program would pack it. */
export function tarball(entries: TarEntry[]): Buffer {
  return gzipSync(Buffer.concat([...entries.map(file), Buffer.alloc(2 * BLOCK)]))
}

/**
 * A few megabytes that unfold to this many: the same piece over and over, each in a gzip member of its own. Not of
 * zeros alone, which unpackers that look at the ratio would notice.
 */
export function bomb(megabytes: number, entries: TarEntry[]): Buffer {
  const piece = Buffer.alloc(64 * 1024 * 1024)
  for (let at = 0; at < piece.length; at += 1024 * 1024) randomBytes(2048).copy(piece, at)
  const member = gzipSync(piece, { level: 1 })
  const size = Math.ceil(megabytes / 64) * piece.length
  return Buffer.concat([
    gzipSync(Buffer.concat([...entries.map(file), header({ path: 'package/bomb' }, size)])),
    ...Array.from({ length: Math.ceil(megabytes / 64) }, () => member),
    gzipSync(Buffer.alloc(2 * BLOCK)),
  ])
}
