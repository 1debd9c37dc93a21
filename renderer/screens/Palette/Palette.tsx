import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight'
import {
  IconBook,
  IconExternalLink,
  IconFileText,
  IconLogout,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlus,
  IconPower,
  IconRefresh,
  IconSearch,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import type { AppSummary, Me } from '../../../runtime/contract/models.ts'
import { control, desktop, toCallError } from '../../api.ts'
import { AppIcon } from '../../components/AppIcon.tsx'
import { type AppAction, isUp, runAppAction, showAppError } from '../../components/app-actions.ts'
import { notifyError } from '../../components/notify.tsx'
import { STATE_WORDS } from '../../components/StateLabel.tsx'
import { shortAddress } from '../../format/address.ts'
import { visible } from '../../format/text.ts'
import { appsStore } from '../../state/apps.ts'
import { openInstallDialog } from '../../state/install-dialog.ts'
import { QUERY } from '../../state/queries.ts'
import { useStore } from '../../state/store.ts'
import { trafficPausedStore } from '../../state/traffic/commands.ts'
import { docPath } from '../Docs/docs.ts'
import { screensFor } from '../Frame/screens.ts'
import { findActions, type PaletteGroup } from './find-actions.ts'
import { trafficActions } from './traffic-actions.tsx'

const ICON = { size: 18, stroke: 1.6 } as const

/** Ctrl/Cmd+K: every screen, every app, every action. */
export function Palette(props: { me: Me }) {
  const { me } = props
  const [, navigate] = useLocation()
  const [query, setQuery] = useState('')
  const apps = useStore(appsStore, (state) => state.byKey)
  const paused = useStore(trafficPausedStore, (is) => is)
  const filters = useQuery({ queryKey: QUERY.savedFilters, queryFn: () => control('traffic.filters', {}) }).data

  const groups = useMemo<PaletteGroup[]>(() => {
    const screens = screensFor(me.user).map((screen) => ({
      id: screen.path,
      label: screen.label,
      icon: <screen.icon {...ICON} />,
      run: () => navigate(screen.path),
    }))
    const admin = me.user.role === 'admin'
    const traffic = trafficActions({ navigate, paused, admin, filters: filters ?? [] })
    const sorted = [...apps.values()].sort((a, b) => a.title.localeCompare(b.title))
    const pages = sorted.map((app) => ({
      id: app.key,
      label: visible(app.title),
      description: `${shortAddress(app.address)} · ${STATE_WORDS[app.state]}`,
      icon: <AppIcon icon={app.icon} title={app.title} colourKey={app.key} size={20} />,
      run: () => navigate(`/apps/${app.key}`),
    }))
    const general = [
      { id: 'install', label: 'Install app', icon: <IconPlus {...ICON} />, run: () => openInstallDialog() },
      {
        id: 'docs',
        label: 'How to write an app',
        icon: <IconBook {...ICON} />,
        run: () => navigate(docPath('writing-apps')),
      },
      {
        id: 'sign-out',
        label: 'Sign out',
        icon: <IconLogout {...ICON} />,
        run: () => call(desktop('panel.signOut', {})),
      },
      {
        id: 'quit',
        label: 'Quit Atek',
        description: 'Stops every app',
        icon: <IconPower {...ICON} />,
        run: () => call(desktop('desktop.quit', {})),
      },
    ]
    return [
      { group: 'Screens', actions: [...screens, ...traffic.views] },
      { group: 'Apps', actions: pages },
      {
        group: 'Actions',
        actions: [...general, ...traffic.actions, ...sorted.flatMap((app) => appActions(app, navigate))],
      },
    ]
  }, [apps, me.user, navigate, paused, filters])

  const actions: SpotlightActionGroupData[] = findActions(groups, query).map(({ group, actions: found }) => ({
    group,
    actions: found.map(({ id, label, description, icon, run }) => ({
      id,
      label,
      ...(description === undefined ? {} : { description }),
      leftSection: icon,
      onClick: run,
    })),
  }))
  return (
    <Spotlight
      actions={actions}
      query={query}
      onQueryChange={setQuery}
      // Found by findActions, which knows what to leave out while nothing is typed.
      filter={(_query, all) => all}
      nothingFound="Nothing matches."
      scrollable
      attributes={{ content: { 'aria-label': 'Go to' } }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      maxHeight={420}
      shortcut="mod + K"
      tagsToIgnore={[]}
      searchProps={{
        placeholder: 'Go to a screen, an app, an action…',
        'aria-label': 'Search screens, apps and actions',
        leftSection: <IconSearch size={18} aria-hidden="true" />,
      }}
    />
  )
}

function appActions(app: AppSummary, navigate: (to: string) => void): PaletteGroup['actions'] {
  const title = visible(app.title)
  const action = (name: AppAction, label: string, icon: PaletteGroup['actions'][number]['icon']) => ({
    id: `${name} ${app.key}`,
    label: `${label} ${title}`,
    icon,
    run: () => {
      runAppAction(app, name).catch((error: unknown) => showAppError(app, error))
    },
  })
  const up = isUp(app.state)
  return [
    ...(app.may.open ? [action('open', 'Open', <IconExternalLink key="open" {...ICON} />)] : []),
    ...(app.may.manage && up && app.sourceType !== 'upstream'
      ? [action('stop', 'Stop', <IconPlayerStop key="stop" {...ICON} />)]
      : []),
    ...(app.may.manage && up && app.sourceType !== 'upstream'
      ? [action('restart', 'Restart', <IconRefresh key="restart" {...ICON} />)]
      : []),
    ...(app.may.manage && !up ? [action('start', 'Start', <IconPlayerPlay key="start" {...ICON} />)] : []),
    {
      id: `logs ${app.key}`,
      label: `Logs of ${title}`,
      icon: <IconFileText {...ICON} />,
      run: () => navigate(`/apps/${app.key}/logs`),
    },
  ]
}

function call(promise: Promise<unknown>): void {
  promise.catch((error: unknown) => notifyError(toCallError(error)))
}
