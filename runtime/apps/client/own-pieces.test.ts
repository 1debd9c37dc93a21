import { expect, test } from 'vitest'
import { giveBack, OwnPieces } from './own-pieces.ts'

test('a piece is given back once nothing of it can be unwritten, and no sooner', () => {
  const released: string[] = []
  const pieces = new OwnPieces((piece) => released.push(piece.toString('latin1', 0, 1)))
  const piece = (letter: string) => Buffer.alloc(100, letter)
  pieces.sent(piece('a'), 0)
  expect(released).toEqual(['a'])
  pieces.sent(piece('b'), 100)
  pieces.sent(piece('c'), 101)
  expect(released).toEqual(['a'])
  // All of d and a byte of c.
  pieces.sent(piece('d'), 101)
  expect(released).toEqual(['a', 'b'])
  pieces.sent(piece('e'), 100)
  expect(released).toEqual(['a', 'b', 'c', 'd'])
  pieces.sent(piece('f'), 0)
  expect(released).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})

test('only memory that is one piece’s alone is given back', () => {
  const asked: number[] = []
  const transfers = (buffer: Buffer) => {
    Object.assign(buffer.buffer, { transfer: (length: number) => asked.push(length) })
    return buffer
  }
  giveBack(transfers(Buffer.allocUnsafeSlow(64 * 1024)).subarray(1))
  giveBack(transfers(Buffer.alloc(100)))
  expect(asked).toEqual([])
  giveBack(transfers(Buffer.allocUnsafeSlow(64 * 1024)))
  expect(asked).toEqual([0])
})

test('on whatever engine, a piece that was given back is empty', () => {
  const piece = Buffer.allocUnsafeSlow(64 * 1024)
  giveBack(piece)
  expect([piece.length, piece.buffer.byteLength]).toEqual([0, 0])
})
