import type { TrafficRow } from '../../../contract/models.ts'
import { headerSet } from '../filter-sql.ts'
import type { StoredDetails, StoredExchange } from '../stored-exchange.ts'

/** An ordinary exchange that is over, unless said otherwise. */
export function storedExchange(
  part: Partial<TrafficRow> & { seq: number },
  more: Partial<StoredDetails> = {},
): StoredExchange {
  const details: StoredDetails = {
    reason: null,
    authHeaders: [],
    requestHeaders: [['Accept', '*/*']],
    responseHeaders: [['Content-Type', 'text/plain']],
    headerLines: [],
    answerHeaderLines: [],
    timing: { callerMs: 0, forwardedMs: 1, headMs: 2, endMs: 3 },
    frames: [],
    frameCounts: null,
    ...more,
  }
  return {
    row: {
      at: 1_700_000_000_000 + part.seq,
      kind: 'http',
      appKey: 'k',
      appId: 'notes',
      caller: { userKey: 'u', username: 'alice', serviceKey: null, serviceId: null },
      method: 'GET',
      path: '/',
      status: 200,
      state: 'done',
      durationMs: 5,
      bytesIn: 0,
      bytesOut: 100,
      refused: null,
      rpcApi: null,
      rpcMethod: null,
      cause: null,
      replayOf: null,
      ...part,
    },
    headers: headerSet(['accept']),
    details: JSON.stringify(details),
  }
}
