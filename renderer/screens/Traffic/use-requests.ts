import { useEffect, useMemo, useRef, useState } from 'react'
import type { TrafficRow } from '../../../runtime/contract/models.ts'
import { control, toCallError } from '../../api.ts'
import { notifyError } from '../../components/notify.tsx'
import { loadOlderTraffic, loadTrafficOf } from '../../state/load.ts'
import { lowerBound } from '../../state/sorted-rows.ts'
import { useStore } from '../../state/store.ts'
import { trafficStore } from '../../state/traffic.ts'
import { IS, parseTrafficFilter } from '../../state/traffic-filter.ts'
import { type TrafficView, updateView } from '../../state/traffic-view.ts'

export const CHIPS = [
  { value: 'refused', label: 'Refused' },
  { value: 'error', label: 'Errors' },
  { value: 'websocket', label: 'WebSocket' },
  { value: 'app-to-app', label: 'App-to-app' },
] as const
export type Chip = (typeof CHIPS)[number]['value']

/** The rows that the grid shows: filtered, of one app or all, standing still while paused. */
export function useRequests(appKey: string | null, mayClear: boolean) {
  const traffic = useStore(trafficStore, (state) => state)
  const [text, setText] = useState('')
  const [chips, setChips] = useState<readonly Chip[]>([])
  const [frozen, setFrozen] = useState<readonly TrafficRow[] | null>(null)
  /** Everything before this seq was cleared in this window only. */
  const [clearedBefore, setClearedBefore] = useState(0)
  const view = useRef<TrafficView | null>(null)
  const loading = useRef(false)

  const filter = useMemo(() => parseTrafficFilter(text), [text])
  const matches = useMemo(
    () => (row: TrafficRow) =>
      row.seq >= clearedBefore &&
      (appKey === null || row.appKey === appKey || row.caller?.serviceKey === appKey) &&
      (chips.length === 0 || chips.some((chip) => IS[chip](row))) &&
      filter.matches(row),
    [appKey, chips, filter, clearedBefore],
  )

  useEffect(() => {
    if (appKey !== null) loadTrafficOf(appKey).catch((error: unknown) => notifyError(toCallError(error)))
  }, [appKey])

  const rows = useMemo(() => {
    view.current = updateView(view.current, frozen ?? traffic.rows, matches)
    return view.current.rows
  }, [frozen, traffic.rows, matches])

  const waiting = useMemo(() => {
    if (frozen === null) return 0
    const from = lowerBound(traffic.rows, (frozen.at(-1)?.seq ?? 0) + 1)
    let count = 0
    for (let index = from; index < traffic.rows.length; index += 1) {
      if (matches(traffic.rows[index] as TrafficRow)) count += 1
    }
    return count
  }, [frozen, traffic.rows, matches])

  const older = () => {
    if (loading.current || !traffic.moreBefore || frozen !== null) return
    loading.current = true
    loadOlderTraffic()
      .catch((error: unknown) => notifyError(toCallError(error)))
      .finally(() => {
        loading.current = false
      })
  }
  const clear = () => {
    setFrozen(frozen === null ? null : [])
    // The host's record is everybody's, so only an administrator empties it; others empty their own view.
    if (mayClear) control('traffic.clear', {}).catch((error: unknown) => notifyError(toCallError(error)))
    else setClearedBefore((traffic.rows.at(-1)?.seq ?? 0) + 1)
  }
  return {
    rows,
    total: traffic.rows.length,
    dropped: traffic.dropped,
    text,
    setText,
    chips,
    setChips,
    problems: filter.problems,
    filtered: !filter.empty || chips.length > 0,
    paused: frozen !== null,
    setPaused: (paused: boolean) => setFrozen(paused ? traffic.rows : null),
    waiting,
    older,
    clear,
  }
}

export type RequestsState = ReturnType<typeof useRequests>
