import { useMantineColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { desktop, hasBridge, onPanelEvent, toCallError } from './api.ts'
import { FirstRun } from './screens/FirstRun/FirstRun.tsx'
import { Frame } from './screens/Frame/Frame.tsx'
import { Locked } from './screens/Locked/Locked.tsx'
import { Failed, Starting } from './screens/Start/Start.tsx'
import { receive } from './state/events.ts'
import { panelStore } from './state/panel.ts'
import { QUERY } from './state/queries.ts'
import { useStore } from './state/store.ts'

/** Chooses the screen for what the host is doing: starting, failed, first run, locked, or the panel itself. */
export function App() {
  const [, navigate] = useLocation()
  const [broken, setBroken] = useState<string | null>(null)
  const info = useStore(panelStore, (state) => state)
  useThemePreference()

  useEffect(() => {
    if (!hasBridge()) {
      setBroken('This page works inside Atek only. Start Atek to use it.')
      return
    }
    const stop = onPanelEvent((event) => receive(event, navigate))
    desktop('panel.info', {}).then(
      // An announcement may have overtaken the answer; it is the newer one.
      (answer) => panelStore.get() ?? panelStore.set(answer),
      (error: unknown) => setBroken(toCallError(error).message),
    )
    return stop
  }, [navigate])

  if (broken !== null) return <Failed message={broken} details={null} canQuit={false} />
  if (info === null) return <Starting />
  switch (info.state.phase) {
    case 'starting':
      return <Starting />
    case 'failed':
      return <Failed message={info.state.message} details={info.state.details} canQuit />
    case 'first-run':
      return <FirstRun notices={info.notices} />
    case 'locked':
      return <Locked lastUsername={info.state.lastUsername} notices={info.notices} />
    case 'ready':
      // Another person gets a frame of their own, with nothing left over from the one before.
      return <Frame key={info.state.me.user.key} me={info.state.me} info={info} />
  }
}

/** The theme is a preference of the desktop, chosen in Settings; "system" follows the system as it changes. */
function useThemePreference(): void {
  const { setColorScheme } = useMantineColorScheme()
  const preferences = useQuery({
    queryKey: QUERY.preferences,
    queryFn: () => desktop('desktop.preferences', {}),
    enabled: hasBridge(),
  })
  const theme = preferences.data?.theme
  useEffect(() => {
    if (theme !== undefined) setColorScheme(theme === 'system' ? 'auto' : theme)
  }, [theme, setColorScheme])
}
