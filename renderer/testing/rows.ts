import type { AppSummary, TrafficRow } from '../../runtime/contract/models.ts'

/** Rows and apps for tests, ordinary unless said otherwise. */
export function trafficRow(part: Partial<TrafficRow> & { seq: number }): TrafficRow {
  return {
    at: 1_700_000_000_000 + part.seq,
    kind: 'http',
    appKey: 'a'.repeat(32),
    appId: 'notes',
    caller: { userKey: 'b'.repeat(32), username: 'alice', serviceKey: null, serviceId: null },
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
  }
}

export function appSummary(part: Partial<AppSummary> & { key: string }): AppSummary {
  return {
    id: part.key,
    title: part.key,
    description: '',
    icon: null,
    owner: 'system',
    ownerName: null,
    state: 'running',
    address: `http://${part.key}.localhost:8420/`,
    sourceType: 'example',
    version: null,
    process: null,
    crash: null,
    unreachable: null,
    activity: { requests: [], errors: [] },
    may: { open: true, manage: true },
    ...part,
  }
}
