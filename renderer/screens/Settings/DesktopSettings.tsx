import { Loader, NativeSelect, Switch } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { Theme } from '../../../electron/ipc/contract.ts'
import { desktop } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { QUERY, queryClient } from '../../state/queries.ts'
import classes from './Settings.module.css'

const THEMES: { value: Theme; label: string }[] = [
  { value: 'system', label: 'Like the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

/** What belongs to this desktop; each change counts at once. */
export function DesktopSettings() {
  const preferences = useQuery({ queryKey: QUERY.preferences, queryFn: () => desktop('desktop.preferences', {}) })
  const change = useMutation({
    mutationFn: (part: { theme?: Theme; startAtLogin?: boolean }) => desktop('desktop.setPreferences', part),
    onSuccess: (stored) => queryClient.setQueryData(QUERY.preferences, stored),
  })
  if (preferences.isError) {
    return (
      <ErrorNotice error={preferences.error} action={{ label: 'Try again', run: () => void preferences.refetch() }} />
    )
  }
  if (preferences.data === undefined) return <Loader size="sm" aria-label="Loading" />
  const { theme, startAtLogin, canStartAtLogin } = preferences.data
  return (
    <div className={classes.box}>
      <NativeSelect
        label="Theme"
        data={THEMES}
        value={theme}
        onChange={(event) => change.mutate({ theme: event.currentTarget.value as Theme })}
        maw={240}
      />
      <Switch
        label="Start at login"
        description={
          canStartAtLogin
            ? 'Atek starts in the tray when you sign in to this computer.'
            : 'This system does not let Atek start by itself.'
        }
        checked={startAtLogin}
        disabled={!canStartAtLogin || change.isPending}
        onChange={(event) => change.mutate({ startAtLogin: event.currentTarget.checked })}
      />
    </div>
  )
}
