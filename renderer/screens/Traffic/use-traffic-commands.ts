import { useHotkeys } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import { useStore } from '../../state/store.ts'
import { trafficCommandStore, trafficPausedStore } from '../../state/traffic/commands.ts'
import { focusFilter } from './FilterBox.tsx'
import type { RequestsState } from './use-requests.ts'

/** In milliseconds. */
const AFTER_PALETTE = 60

interface CommandOptions {
  requests: RequestsState
  /** Of one app: the palette speaks of the whole Traffic screen. */
  ofApp: boolean
  onExport(): void
  onClear(): void
}

/** Does what the palette asked for, and takes Ctrl/Cmd+F to the filter. */
export function useTrafficCommands(options: CommandOptions): void {
  const { requests, ofApp } = options
  const command = useStore(trafficCommandStore, (asked) => asked)
  const latest = useRef(options)
  latest.current = options
  useHotkeys([['mod+F', focusFilter]], [])

  useEffect(() => {
    if (ofApp || command === null) return
    trafficCommandStore.set(null)
    const { requests: now, onExport, onClear } = latest.current
    if (command.do === 'pause') now.setPaused(!now.paused)
    else if (command.do === 'clear') onClear()
    else if (command.do === 'export') onExport()
    else {
      if (command.text !== null) now.setText(command.text)
      // The palette gives the focus back to where it was, a moment after it is closed.
      setTimeout(focusFilter, AFTER_PALETTE)
    }
  }, [command, ofApp])

  useEffect(() => {
    if (ofApp) return
    trafficPausedStore.set(requests.paused)
    return () => trafficPausedStore.set(false)
  }, [requests.paused, ofApp])
}
