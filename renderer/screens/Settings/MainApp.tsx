import { Loader, NativeSelect } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { visible } from '../../format/text.ts'
import { appsStore } from '../../state/apps.ts'
import { hostStore } from '../../state/panel.ts'
import { QUERY, queryClient } from '../../state/queries.ts'
import { useStore } from '../../state/store.ts'
import classes from './Settings.module.css'

const LIST = ''

/** What this person sees in the browser at the host's own address. */
export function MainApp() {
  const main = useQuery({
    queryKey: QUERY.mainApp,
    queryFn: () => control('me.mainApp', {}),
    // It may be set from a script, too, and an app that is gone is nobody's any more.
    refetchOnMount: 'always',
  })
  const byKey = useStore(appsStore, (state) => state.byKey)
  const address = useStore(hostStore, (status) => status?.address ?? null)
  const change = useMutation({
    mutationFn: (key: string | null) => control('me.setMainApp', { key }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: QUERY.mainApp }),
  })
  if (main.isError) {
    return <ErrorNotice error={main.error} action={{ label: 'Try again', run: () => void main.refetch() }} />
  }
  if (main.data === undefined) return <Loader size="sm" aria-label="Loading" />
  const apps = [...byKey.values()]
    .filter((app) => app.may.open)
    .sort((a, b) => a.title.localeCompare(b.title))
    .map((app) => ({ value: app.key, label: `${visible(app.title)} (${app.id})` }))
  const chosen = change.isPending ? change.variables : main.data.key
  return (
    <div className={classes.box}>
      <NativeSelect
        label="Main app"
        description={address === null ? undefined : `What you see in your browser at ${address}.`}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        data={[{ value: LIST, label: 'The list of my apps' }, ...apps]}
        value={chosen ?? LIST}
        onChange={(event) => change.mutate(event.currentTarget.value === LIST ? null : event.currentTarget.value)}
        styles={{ wrapper: { maxWidth: 360 } }}
      />
    </div>
  )
}
