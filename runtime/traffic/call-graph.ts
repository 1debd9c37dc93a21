import type { TrafficRow } from '../contract/models.ts'
import type { TrafficGraph, TrafficGraphNode } from '../contract/traffic.ts'
import type { EdgeHour } from '../storage/traffic/hours.ts'
import { Tally } from './tally.ts'

/** Nodes that are no apps: every person, and the host's own APIs. */
const PEOPLE = 'people'
const HOST = 'host'

export type Call = Pick<EdgeHour, 'source' | 'target' | 'api' | 'sourceLabel' | 'targetLabel'>

export type CalledRequest = Pick<TrafficRow, 'caller' | 'kind' | 'appKey' | 'appId' | 'rpcApi' | 'refused'>

/**
 * Who called whom; null for what led nowhere. Only APIs that somebody provides make an edge: names can be made up, and
 * each would be one more (A13).
 */
export function callOf({ caller, kind, appKey, appId, rpcApi, refused }: CalledRequest): Call | null {
  if (caller === null) return null
  const source = caller.serviceKey ?? PEOPLE
  const sourceLabel = caller.serviceKey === null ? PEOPLE : (caller.serviceId ?? '')
  const api = kind === 'gateway' ? (rpcApi ?? '') : ''
  if (appKey !== null) return { source, target: appKey, api, sourceLabel, targetLabel: appId }
  if (kind !== 'gateway' || refused !== null) return null
  return { source, target: HOST, api, sourceLabel, targetLabel: HOST }
}

/** The call graph of these hours, oldest first, of the edges that `shown` lets through. */
export function callGraph(
  from: number,
  hours: readonly EdgeHour[],
  shown: (edge: { source: string; target: string }) => boolean,
): TrafficGraph {
  const nodes = new Map<string, TrafficGraphNode>()
  const tallies = new Map<string, { hour: EdgeHour; tally: Tally }>()
  for (const hour of hours) {
    if (hour.hour < from || !shown(hour)) continue
    nodes.set(hour.source, node(hour.source, hour.sourceLabel))
    nodes.set(hour.target, node(hour.target, hour.targetLabel))
    const key = JSON.stringify([hour.source, hour.target, hour.api])
    const known = tallies.get(key) ?? { hour, tally: new Tally() }
    known.tally.add(hour)
    tallies.set(key, known)
  }
  const edges = [...tallies.values()].map(({ hour, tally }) => ({
    from: hour.source,
    to: hour.target,
    api: hour.api === '' ? null : hour.api,
    requests: tally.requests,
    errors: tally.errors,
    p50: tally.durations.quantile(0.5),
    p99: tally.durations.quantile(0.99),
  }))
  return { from, nodes: [...nodes.values()], edges }
}

function node(id: string, label: string): TrafficGraphNode {
  return { id, kind: id === PEOPLE ? 'people' : id === HOST ? 'host' : 'app', label }
}
