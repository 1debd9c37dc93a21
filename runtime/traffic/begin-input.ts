import type { TrafficRow } from '../contract/models.ts'

export type TrafficKind = TrafficRow['kind']

export interface BeginInput {
  kind: TrafficKind
  appKey: string | null
  /** The label that was asked for, also when no app has it. */
  appId: string
  method: string
  path: string
  /** As node:http gives them: name, value, name, value … */
  requestHeaders: readonly string[]
}
