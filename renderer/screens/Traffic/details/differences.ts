import type { TrafficDetails } from '../../../../runtime/contract/models.ts'
import { formatBytes, formatDuration } from '../../../format/units.ts'
import { requestPhases } from './request-phases.ts'

export interface Difference {
  group: 'Request' | 'Sent by the caller' | 'Answered' | 'Timing'
  name: string
  /** null where one has no such line. */
  a: string | null
  b: string | null
  same: boolean
}

/** Two requests line by line. Lines are matched by their name, headers in whatever case and order they came. */
export function differences(a: TrafficDetails, b: TrafficDetails): Difference[] {
  return [
    ...matched('Request', facts(a), facts(b)),
    ...matched('Sent by the caller', headers(a.requestHeaders), headers(b.requestHeaders)),
    ...matched('Answered', headers(a.responseHeaders), headers(b.responseHeaders)),
    ...matched('Timing', phases(a), phases(b)),
  ]
}

function matched(group: Difference['group'], a: Map<string, string>, b: Map<string, string>): Difference[] {
  const names = [...new Set([...a.keys(), ...b.keys()])]
  return names.map((name) => {
    const one = a.get(name) ?? null
    const other = b.get(name) ?? null
    return { group, name, a: one, b: other, same: one === other }
  })
}

function facts(details: TrafficDetails): Map<string, string> {
  const { caller } = details
  return new Map([
    ['Method', details.method],
    ['Path', details.path],
    ['App', details.appId],
    ['Person', caller === null ? 'nobody' : (caller.username ?? caller.userKey)],
    ['Calling app', caller?.serviceId ?? '–'],
    ['Status', details.status === null ? details.state : String(details.status)],
    ['Refused', details.refused ?? 'no'],
    ['Size', `${formatBytes(details.bytesIn)} sent, ${formatBytes(details.bytesOut)} received`],
  ])
}

/** The same name in several lines is one entry of several lines, as their order among each other is what counts. */
function headers(lines: [name: string, value: string][]): Map<string, string> {
  const byName = new Map<string, string>()
  for (const [name, value] of lines) {
    const lower = name.toLowerCase()
    const before = byName.get(lower)
    byName.set(lower, before === undefined ? value : `${before}\n${value}`)
  }
  return byName
}

function phases(details: TrafficDetails): Map<string, string> {
  const spans = requestPhases(details.timing).map(({ label, from, to }): [string, string] => [
    label,
    to === null ? 'open' : formatDuration(to - from),
  ])
  return new Map([...spans, ['Altogether', details.durationMs === null ? 'open' : formatDuration(details.durationMs)]])
}
