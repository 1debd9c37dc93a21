import { useCallback, useEffect, useRef, useState } from 'react'
import type { LogLine } from '../../../runtime/contract/models.ts'
import { type CallError, toCallError } from '../../api.ts'
import { loadLog } from '../../state/load.ts'
import { dispatchLogs, logsStore } from '../../state/logs.ts'
import { useStore } from '../../state/store.ts'

const NO_LINES: readonly LogLine[] = []

/** An app's log while it is looked at: the newest page, then what is announced, and older pages on asking. */
export function useLog(appKey: string) {
  const log = useStore(logsStore, (state) => state.get(appKey))
  const [error, setError] = useState<CallError | null>(null)
  const loading = useRef(false)

  const load = useCallback(
    (before?: number) => {
      if (loading.current) return
      loading.current = true
      setError(null)
      loadLog(appKey, before)
        .catch((reason: unknown) => setError(toCallError(reason)))
        .finally(() => {
          loading.current = false
        })
    },
    [appKey],
  )
  useEffect(() => {
    dispatchLogs({ type: 'log-opened', key: appKey })
    load()
    return () => dispatchLogs({ type: 'log-closed', key: appKey })
  }, [appKey, load])

  const lines = log?.lines ?? NO_LINES
  const first = lines[0]?.seq
  return {
    lines,
    loaded: log?.loaded === true,
    error,
    reload: () => load(),
    older: () => {
      if (log?.moreBefore === true && first !== undefined) load(first)
    },
  }
}
