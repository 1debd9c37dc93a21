import type { AppHour, EdgeHour } from './hours.ts'
import type { StoredExchange } from './stored-exchange.ts'
import type { TrafficQuery } from './traffic-search.ts'
import type { Retention, TrafficStore } from './traffic-store.ts'

/** Reads a batch of exchanges as its writer made it: that costs time, so it is done where the store is. */
export type ReadBatch = (batch: unknown) => StoredExchange[]

/** What can be asked of the store from another thread: plain values in, plain values out. */
export function storeCalls(store: TrafficStore, read: ReadBatch) {
  return {
    opened: () => ({ lastSeq: store.lastSeq(), setAside: store.setAside }),
    insert: (batch: unknown) => store.insert(read(batch)),
    search: (query: TrafficQuery) => store.search(query),
    get: (seq: number) => store.get(seq),
    causedBy: (seqs: readonly number[], limit: number) => store.causedBy(seqs, limit),
    counts: () => store.counts(),
    purge: (retention: Retention) => store.purge(retention),
    users: () => store.users(),
    forgetUser: (userKey: string) => store.forgetUser(userKey),
    clear: () => store.clear(),
    hours: (from: number) => ({ apps: store.hours.apps(from), edges: store.hours.edges(from) }),
    setHours: (apps: readonly AppHour[], edges: readonly EdgeHour[]) => store.hours.set(apps, edges),
    close: () => store.close(),
  }
}

export type StoreCalls = ReturnType<typeof storeCalls>
export type StoreCall = keyof StoreCalls

/** A call and its answer, as they go between threads. */
export interface CallMessage {
  id: number
  call: StoreCall
  input: unknown[]
}

export type AnswerMessage =
  | { id: number; value: unknown }
  /** `error` is an AppError as data, or what a person can do nothing about. */
  | { id: number; error: { code: string; message: string } }
