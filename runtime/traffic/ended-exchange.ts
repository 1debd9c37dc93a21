import { LIMITS } from '../contract/limits.ts'
import type { TrafficDetails, TrafficRow } from '../contract/models.ts'
import { maskPath } from '../core/mask.ts'
import type { BodySide, BodyStore } from './body-store.ts'
import {
  type HeaderAccount,
  type HeaderLines,
  maskedHeaders,
  type RequestTeller,
  unpackedHeaders,
} from './header-account.ts'
import { detailsOf, type HeldExchange, linesOf, rawAnswerOf } from './held-exchange.ts'
import { isArchived, type RecordFields, type RecordRoom, readRecord } from './record-bytes.ts'
import type { RecordedExchange } from './recorded-exchange.ts'

/** A request that is over, read from the record's bytes. It does not change when they do. */
export class EndedExchange implements RecordedExchange {
  readonly archived: boolean
  readonly awaitsAnswer = false
  readonly #fields: RecordFields
  readonly #held: HeldExchange
  readonly #bodies: BodyStore

  constructor(
    room: RecordRoom,
    at: number,
    { teller, answer, bodies }: { teller: RequestTeller | null; answer: HeaderAccount | null; bodies: BodyStore },
  ) {
    this.archived = isArchived(room, at)
    const fields = readRecord(room, at)
    this.#fields = fields
    this.#held = { ...fields, teller, answer }
    this.#bodies = bodies
  }

  get seq(): number {
    return this.#fields.row.seq
  }

  get appKey(): string | null {
    return this.#fields.row.appKey
  }

  get rawPath(): string {
    return this.#fields.row.path
  }

  get rawRequestHeaders(): string[] {
    return unpackedHeaders(this.#fields.requestHeaders)
  }

  get endedAt(): number | null {
    const { at, durationMs } = this.#fields.row
    return durationMs === null ? null : at + durationMs
  }

  headerNames(): string[] {
    return maskedHeaders(this.rawRequestHeaders).map(([name]) => name.toLowerCase())
  }

  rawAnswerHeaders(): [name: string, value: string][] {
    return rawAnswerOf(this.#held.answerHeaders, this.#held.answer)
  }

  row(): TrafficRow {
    const { row } = this.#fields
    return { ...row, path: maskPath(row.path.slice(0, LIMITS.trafficHeaderBytes)) }
  }

  details(): TrafficDetails {
    const { seq } = this
    const kept = (side: BodySide) => this.#bodies.get(seq, side) !== null
    return detailsOf(this.row(), this.#held, { request: kept('request'), response: kept('response') })
  }

  headerLines(): HeaderLines {
    return linesOf(this.#held)
  }
}
