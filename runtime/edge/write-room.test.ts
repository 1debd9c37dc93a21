import { expect, test } from 'vitest'
import { WriteRooms } from './write-room.ts'

const PIECE = 64 * 1024

test('what waits to be written is not overwritten by what comes next, and its memory is used again afterwards', () => {
  const rooms = new WriteRooms()
  const read = Buffer.alloc(PIECE)
  const waiting: { copy: Buffer; done: () => void }[] = []
  for (const letter of ['a', 'b', 'c']) {
    read.fill(letter)
    rooms.write(read, (copy, done) => waiting.push({ copy, done: () => done?.() }) > 0)
  }
  read.fill('x')
  expect(waiting.map(({ copy }) => copy.toString('latin1'))).toEqual(['a', 'b', 'c'].map((x) => x.repeat(PIECE)))
  expect(rooms.free).toBe(0)
  waiting[1]?.done()
  expect(rooms.free).toBe(1)
  rooms.write(Buffer.alloc(20_000, 'd'), (copy) => {
    expect(copy.toString('latin1')).toBe('d'.repeat(20_000))
    expect(copy.buffer).toBe(waiting[1]?.copy.buffer)
    return true
  })
  expect(waiting[0]?.copy.toString('latin1')).toBe('a'.repeat(PIECE))
})

test('after an error nobody gets the memory again, and small pieces take none of it', () => {
  const rooms = new WriteRooms()
  rooms.write(Buffer.alloc(PIECE), (_copy, done) => {
    done?.(new Error('The connection is gone.'))
    return false
  })
  rooms.write(Buffer.from('small'), (_copy, done) => {
    done?.()
    return true
  })
  expect(rooms.free).toBe(0)
})
