import { Button, Loader, Stack, Tabs, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import type { Me } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Centred } from '../../components/Page.tsx'
import { visible } from '../../format/text.ts'
import { appsStore } from '../../state/apps.ts'
import { QUERY } from '../../state/queries.ts'
import { useStore } from '../../state/store.ts'
import { Requests } from '../Traffic/Requests.tsx'
import classes from './App.module.css'
import { AppHeader } from './AppHeader.tsx'
import { AppSettings } from './AppSettings.tsx'
import { CrashPanel } from './CrashPanel.tsx'
import { LogView } from './LogView.tsx'
import { Overview } from './Overview.tsx'
import { UnreachablePanel } from './UnreachablePanel.tsx'

const TABS = [
  { value: 'overview', label: 'Overview' },
  { value: 'traffic', label: 'Traffic' },
  { value: 'logs', label: 'Logs' },
  { value: 'settings', label: 'Settings' },
] as const

/** One app: its header, and four views of it. */
export function AppPage(props: { appKey: string; tab: string; me: Me }) {
  const { appKey, me } = props
  const [, navigate] = useLocation()
  const summary = useStore(appsStore, (state) => state.byKey.get(appKey))
  const details = useQuery({ queryKey: QUERY.app(appKey), queryFn: () => control('apps.get', { key: appKey }) })
  // The summary is announced with every change; what only the details have is asked for.
  const app = summary ?? details.data
  useDocumentTitle(app === undefined ? 'Atek' : `${visible(app.title)} – Atek`)
  const tab = TABS.find((known) => known.value === props.tab)?.value ?? 'overview'

  if (app === undefined) return <Missing error={details.error} />
  const path = (to: string | null) => `/apps/${appKey}${to === 'overview' || to === null ? '' : `/${to}`}`
  return (
    <div className={classes.page}>
      <AppHeader app={app} />
      {app.state === 'crashed' && app.crash !== null && (
        <div className={classes.crash}>
          <CrashPanel app={app} crash={app.crash} />
        </div>
      )}
      {app.unreachable !== null && (
        <div className={classes.crash}>
          <UnreachablePanel app={app} reason={app.unreachable} />
        </div>
      )}
      <Tabs value={tab} onChange={(to) => navigate(path(to), { replace: true })} className={classes.fill}>
        <Tabs.List className={classes.tabs}>
          {TABS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview" className={classes.panel}>
          <Overview app={app} details={details.data} error={details.error} />
        </Tabs.Panel>
        <Tabs.Panel value="traffic" className={classes.fill}>
          <Requests me={me} appKey={appKey} />
        </Tabs.Panel>
        <Tabs.Panel value="logs" className={classes.fill}>
          <LogView appKey={appKey} elsewhere={app.sourceType === 'upstream'} />
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={classes.panel}>
          {details.data === undefined ? (
            <Waiting error={details.error} retry={() => void details.refetch()} />
          ) : (
            <AppSettings app={details.data} admin={me.user.role === 'admin'} state={app.state} process={app.process} />
          )}
        </Tabs.Panel>
      </Tabs>
    </div>
  )
}

function Waiting(props: { error: unknown; retry(): void }) {
  return (
    <Centred>
      {props.error !== null ? (
        <ErrorNotice error={props.error} action={{ label: 'Try again', run: props.retry }} />
      ) : (
        <Loader size="sm" aria-label="Loading" />
      )}
    </Centred>
  )
}

function Missing(props: { error: unknown }) {
  const [, navigate] = useLocation()
  if (props.error === null) return <Waiting error={null} retry={() => undefined} />
  return (
    <Centred>
      <Stack align="center" gap="sm">
        <Title order={1}>This app is not here</Title>
        <Text c="dimmed">It was uninstalled, or it belongs to somebody else.</Text>
        <Button onClick={() => navigate('/apps')}>Back to the list</Button>
      </Stack>
    </Centred>
  )
}
