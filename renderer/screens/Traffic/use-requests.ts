import { useEffect, useMemo, useState } from 'react'
import { parseFilter } from '../../../runtime/contract/filter/parse.ts'
import { control, toCallError } from '../../api.ts'
import { notifyError } from '../../components/notify.tsx'
import { useStore } from '../../state/store.ts'
import { TrafficClient } from '../../state/traffic/client.ts'
import { trafficFilterStore } from '../../state/traffic/filter-text.ts'
import { type Chip, effectiveFilter } from './effective-filter.ts'

/** The live view of one app or of all: its filter, its rows, whether it stands still. */
export function useRequests(appKey: string | null, mayClear: boolean) {
  const [client, setClient] = useState<TrafficClient | null>(null)
  const kept = useStore(trafficFilterStore, (filter) => filter)
  const [own, setOwn] = useState('')
  const text = appKey === null ? kept : own
  const setText = appKey === null ? trafficFilterStore.set : setOwn
  const [chips, setChips] = useState<readonly Chip[]>([])
  const [paused, setPaused] = useState(false)
  /** Everything before this seq was cleared in this window only. */
  const [from, setFrom] = useState(0)

  const filter = useMemo(() => parseFilter(text), [text])
  const node = useMemo(() => effectiveFilter(filter.node, chips), [filter, chips])

  useEffect(() => {
    const made = new TrafficClient({ node: null, appKey, from: 0, byHost: false })
    setClient(made)
    return () => made.dispose()
  }, [appKey])
  useEffect(() => client?.setView({ node, appKey, from }), [client, node, appKey, from])
  useEffect(() => client?.pause(paused), [client, paused])

  return useMemo(
    () => ({
      client,
      text,
      setText,
      chips,
      setChips,
      node,
      problems: filter.problems,
      filtered: node !== null,
      paused,
      setPaused,
      clear: () => {
        // The host's record is everybody's, so only an administrator empties it; others empty their own view.
        if (mayClear) control('traffic.clear', {}).catch((error: unknown) => notifyError(toCallError(error)))
        else setFrom((client?.store.get().frame?.last ?? 0) + 1)
      },
    }),
    [client, text, setText, chips, node, filter, paused, mayClear],
  )
}

export type RequestsState = ReturnType<typeof useRequests>
