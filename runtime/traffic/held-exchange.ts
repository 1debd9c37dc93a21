import type { TrafficDetails, TrafficRow, WebSocketFrame } from '../contract/models.ts'
import {
  type HeaderAccount,
  type HeaderLines,
  maskedHeaders,
  maskedLines,
  type RequestTeller,
  unpackedHeaders,
} from './header-account.ts'

/** A time, in microseconds since the beginning, that has not come. */
export const NEVER = -1

/** What an exchange holds beside its row, as it came and with its secrets: headers packed into one text each. */
export interface HeldExchange {
  reason: string | null
  requestHeaders: string
  /** Who can tell what became of them, and what is noted for that. */
  teller: RequestTeller | null
  own: string
  answerHeaders: string
  answer: HeaderAccount | null
  frames: WebSocketFrame[]
  frameCounts: TrafficDetails['frameCounts']
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
    authHeaders: maskedLines(held.teller?.auth(sent, held.own) ?? []),
    requestHeaders: maskedHeaders(sent),
    responseHeaders: held.answer === null ? maskedHeaders(answered) : received(answerLines),
    headerLines: maskedLines(held.teller?.lines(sent, held.own) ?? []),
    answerHeaderLines: answerLines,
    timing: held.timing,
    bodies,
    frames: held.frames,
    frameCounts: held.frameCounts,
    inMemory: true,
  }
}

/** What became of each header, secrets and all. */
export function linesOf(held: HeldExchange): HeaderLines {
  const sent = unpackedHeaders(held.requestHeaders)
  return {
    auth: held.teller?.auth(sent, held.own) ?? [],
    request: held.teller?.lines(sent, held.own) ?? [],
    answer: held.answer?.lines(unpackedHeaders(held.answerHeaders)) ?? [],
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
