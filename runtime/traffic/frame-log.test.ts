import { expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { FrameLog } from './frame-log.ts'
import { Recorder } from './recorder.ts'

test('the last frames are kept, all of them are counted', () => {
  const log = new FrameLog()
  const total = LIMITS.recordedFrames + 50
  for (let i = 0; i < total; i++) log.add(i, i % 3 === 0, 1, i, null, null)
  const frames = log.list()
  expect(frames.map((frame) => frame.bytes)).toEqual(Array.from({ length: LIMITS.recordedFrames }, (_, i) => i + 50))
  expect(log.counts.in + log.counts.out).toBe(total)
  expect(log.counts.in).toBe(Math.ceil(total / 3))
})

test('what a socket holds is told as it grows, previews included', () => {
  const log = new FrameLog()
  let held = 0
  for (let i = 0; i < 1000; i++) held += log.add(i, true, 2, 1, null, 'x'.repeat(100))
  expect(held).toBeGreaterThan(LIMITS.recordedFrames * 100)
  expect(held).toBeLessThan(LIMITS.recordedFrames * 130)
})

test('a request’s frames are in its details, and nothing else has any', () => {
  const clock = new ManualClock()
  const recorder = new Recorder({ clock })
  const entry = { appKey: null, appId: 'notes', method: 'GET', path: '/', requestHeaders: [] }
  const socket = recorder.begin({ kind: 'websocket', ...entry })
  const plain = recorder.begin({ kind: 'http', ...entry })
  clock.advance(5)
  socket.frame('in', 1, 100)
  socket.frame('out', 2, 70_000, null, 'hello')
  socket.frame('out', 0, 0)
  socket.frame('in', 9, 4)
  socket.frame('out', 10, 4)
  socket.frame('in', 3, 4)
  socket.frame('in', 8, 2, 1001)
  const at = clock.now()
  const frame = { at, preview: null, closeCode: null }
  expect(recorder.get(socket.seq)).toMatchObject({ frameCounts: { in: 4, out: 3 } })
  expect(recorder.get(socket.seq)?.frames).toEqual([
    { ...frame, direction: 'in', opcode: 'text', bytes: 100 },
    { ...frame, direction: 'out', opcode: 'binary', bytes: 70_000, preview: 'hello' },
    { ...frame, direction: 'out', opcode: 'continuation', bytes: 0 },
    { ...frame, direction: 'in', opcode: 'ping', bytes: 4 },
    { ...frame, direction: 'out', opcode: 'pong', bytes: 4 },
    { ...frame, direction: 'in', opcode: 'unknown', bytes: 4 },
    { ...frame, direction: 'in', opcode: 'close', bytes: 2, closeCode: 1001 },
  ])
  expect(recorder.get(plain.seq)).toMatchObject({ frames: [], frameCounts: null })
  socket.end()
  socket.frame('in', 1, 1)
  expect(recorder.get(socket.seq)?.frameCounts).toEqual({ in: 4, out: 3 })
})
