import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isArchived, RecordSource, recordBytes, recordRoom, recordSeq } from './record-bytes.ts'
import { RecordLog, type Segment } from './record-log.ts'

function request(seq: number, path = ''): RecordSource {
  return Object.assign(new RecordSource(), { seq, path })
}

function seqsIn(bytes: Uint8Array): number[] {
  const room = recordRoom(bytes)
  const seqs: number[] = []
  for (let at = 0; at < bytes.length; at += recordBytes(room, at)) seqs.push(recordSeq(room, at))
  return seqs
}

test('what waits is taken in the order in which it ended, each once, and what gives way before is counted', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.nat(9000).map((length) => ({ append: length })) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 5 }).map((records) => ({ take: records })) },
    { weight: 1, arbitrary: fc.constant({ drop: true }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const log = new RecordLog(64 * 1024)
      let made = 0
      const taken: number[] = []
      for (const step of steps) {
        if ('append' in step) log.append(request(++made, 'x'.repeat(step.append)))
        else if ('take' in step) taken.push(...seqsIn(log.take(step.take)?.bytes ?? new Uint8Array(0)))
        else log.dropOldest()
        expect(taken.length + log.waiting + log.overtaken).toBe(made)
      }
      for (let more = log.take(3); more !== null; more = log.take(3)) taken.push(...seqsIn(more.bytes))
      expect(log.waiting).toBe(0)
      expect(taken.length + log.overtaken).toBe(made)
      expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b))
    }),
  )
})

test('what is stored is marked where it lies, and nowhere else once that place is another’s', () => {
  const log = new RecordLog(64 * 1024)
  const places: { segment: Segment; at: number }[] = []
  const append = (seq: number) => {
    const segment = log.append(request(seq, 'x'.repeat(1000)))
    places.push({ segment, at: segment.newest })
  }
  for (let seq = 1; seq <= 4; seq++) append(seq)
  const first = log.take(2)
  const second = log.take(1)
  if (first === null || second === null) throw new Error('Something waits.')
  log.stored(first)
  expect(places.map(({ segment, at }) => isArchived(segment.room, at)).slice(0, 3)).toEqual([true, true, false])
  // Its room goes to the next segment.
  expect(log.dropOldest()).toBe(3)
  for (let seq = 5; seq <= 12; seq++) append(seq)
  log.stored(second)
  expect(places.slice(3).some(({ segment, at }) => isArchived(segment.room, at))).toBe(false)
})
