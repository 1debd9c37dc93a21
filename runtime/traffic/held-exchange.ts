import type { TrafficDetails, TrafficRow } from '../contract/models.ts'
import type { FrameLog } from './frame-log.ts'
import {
  type HeaderAccount,
  maskedHeaders,
  maskedLines,
  type RequestAccount,
  unpackedHeaders,
} from './header-account.ts'
import type { WrittenExchange } from './written-exchange.ts'

/** A time, in microseconds since the beginning, that has not come. */
export const NEVER = -1
/** Frames of a WebSocket that are written down: the last ones. */
const WRITTEN_FRAMES = 50

/** What an exchange holds beside its row, as it came and with its secrets: headers packed into one text each. */
export interface HeldExchange {
  reason: string | null
  requestHeaders: string
  request: RequestAccount | null
  answerHeaders: string
  answer: HeaderAccount | null
  frames: FrameLog | null
  timing: TrafficDetails['timing']
}

/** All of it to be shown: nothing secret is given out (C51). */
export function detailsOf(row: TrafficRow, held: HeldExchange, bodies: TrafficDetails['bodies']): TrafficDetails {
  const sent = unpackedHeaders(held.requestHeaders)
  const answered = unpackedHeaders(held.answerHeaders)
  const answerLines = maskedLines(held.answer?.lines(answered) ?? [])
  return {
    ...row,
    reason: held.reason,
    authHeaders: maskedLines(held.request?.auth(sent) ?? []),
    requestHeaders: maskedHeaders(sent),
    responseHeaders: held.answer === null ? maskedHeaders(answered) : received(answerLines),
    headerLines: maskedLines(held.request?.lines(sent) ?? []),
    answerHeaderLines: answerLines,
    timing: held.timing,
    bodies,
    frames: held.frames?.list() ?? [],
    frameCounts: held.frames?.counts ?? null,
    inMemory: true,
  }
}

/** To be written down, unmasked. @param lines false: without what became of each header */
export function writtenOf(row: TrafficRow, held: HeldExchange, lines: boolean): WrittenExchange {
  const sent = lines ? unpackedHeaders(held.requestHeaders) : []
  return {
    row,
    reason: held.reason,
    request: held.requestHeaders,
    answer: held.answerHeaders,
    lines: lines
      ? {
          auth: held.request?.auth(sent) ?? [],
          request: held.request?.lines(sent) ?? [],
          answer: held.answer?.lines(unpackedHeaders(held.answerHeaders)) ?? [],
        }
      : null,
    timing: held.timing,
    frames: held.frames?.list().slice(-WRITTEN_FRAMES) ?? [],
    frameCounts: held.frames?.counts ?? null,
  }
}

/** The answer's headers as the caller got them, secrets and all. */
export function rawAnswerOf(packed: string, answer: HeaderAccount | null): [name: string, value: string][] {
  const raw = unpackedHeaders(packed)
  if (answer !== null) return received(answer.lines(raw))
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : []))
}

function received(lines: { name: string; received: string | null }[]): [name: string, value: string][] {
  return lines.flatMap(({ name, received: value }) => (value === null ? [] : [[name, value]]))
}

/** Of times in microseconds. */
export function timingOf(caller: number, forwarded: number, head: number, end: number): TrafficDetails['timing'] {
  return {
    callerMs: milliseconds(caller),
    forwardedMs: milliseconds(forwarded),
    headMs: milliseconds(head),
    endMs: milliseconds(end),
  }
}

export function milliseconds(time: number): number | null {
  return time === NEVER ? null : time / 1000
}
