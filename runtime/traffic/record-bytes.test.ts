import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecordSource, readRecord, recordBytes, recordRoom, recordSize, writeRecord } from './record-bytes.ts'

const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })
const any = fc.string({ unit: 'grapheme' })
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value)
const count = fc.nat(Number.MAX_SAFE_INTEGER)
const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const time = fc.oneof(fc.constant(-1), fc.nat())

const source = fc
  .record({
    seq,
    at: count,
    kind: fc.constantFrom('http' as const, 'websocket' as const, 'gateway' as const),
    method: latin1.map((text) => text.slice(0, 32)),
    path: latin1,
    appKey: orNull(latin1),
    appId: latin1.map((text) => text.slice(0, 32)),
    caller: orNull(
      fc.record({ userKey: latin1, username: orNull(any), serviceKey: orNull(latin1), serviceId: orNull(latin1) }),
    ),
    status: orNull(fc.integer({ min: 100, max: 599 })),
    aborted: fc.boolean(),
    bytesIn: count,
    bytesOut: count,
    refused: fc.constantFrom(null, 'FORBIDDEN' as const, 'BAD_REQUEST' as const),
    reason: orNull(any),
    rpcApi: orNull(any),
    rpcMethod: orNull(any),
    cause: orNull(fc.record({ seq, sure: fc.boolean() })),
    replayOf: orNull(seq),
    own: latin1,
    requestHeaders: latin1,
    answerHeaders: latin1,
    callerTime: time,
    forwardedTime: time,
    headTime: time,
    endTime: fc.nat(),
  })
  .map((fields) => Object.assign(new RecordSource(), fields))

test('what is written is read, whatever is in it, and one record does not touch the next', () => {
  fc.assert(
    fc.property(fc.array(source, { minLength: 1, maxLength: 5 }), (sources) => {
      const room = recordRoom(Buffer.alloc(sources.reduce((size, one) => size + recordSize(one), 0)))
      let end = 0
      for (const one of sources) {
        const size = writeRecord(room, end, one)
        expect(size).toBeLessThanOrEqual(recordSize(one))
        expect(size % 8).toBe(0)
        end += size
      }
      let at = 0
      for (const one of sources) {
        const { row, ...rest } = readRecord(room, at)
        const { seq, kind, method, path, appKey, appId, caller, status, bytesIn, bytesOut } = one
        const { refused, rpcApi, rpcMethod, cause, replayOf, durationMs } = one
        expect(row).toEqual({
          ...{ seq, at: one.at, kind, method, path, appKey, appId, caller, status, bytesIn, bytesOut },
          ...{ refused, rpcApi, rpcMethod, cause, replayOf, durationMs, state: one.aborted ? 'aborted' : 'done' },
        })
        const ms = (time: number) => (time === -1 ? null : time / 1000)
        expect(rest).toEqual({
          reason: one.reason,
          own: one.own,
          requestHeaders: one.requestHeaders,
          answerHeaders: one.answerHeaders,
          timing: {
            callerMs: ms(one.callerTime),
            forwardedMs: ms(one.forwardedTime),
            headMs: ms(one.headTime),
            endMs: ms(one.endTime),
          },
          frames: [],
          frameCounts: null,
        })
        at += recordBytes(room, at)
      }
      expect(at).toBe(end)
    }),
  )
})
