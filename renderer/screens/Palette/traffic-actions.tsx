import {
  IconBookmark,
  IconChartLine,
  IconDownload,
  IconFilter,
  IconHierarchy,
  IconPlayerPause,
  IconPlayerPlay,
  IconTrash,
} from '@tabler/icons-react'
import type { SavedFilter } from '../../../runtime/contract/traffic.ts'
import { visible } from '../../format/text.ts'
import { type TrafficCommand, trafficCommandStore } from '../../state/traffic/commands.ts'
import type { PaletteAction } from './find-actions.ts'

const ICON = { size: 18, stroke: 1.6 } as const

/** The Traffic screen's other views, and what its toolbar does, from anywhere. */
export function trafficActions(options: {
  navigate(to: string): void
  paused: boolean
  /** Administrators empty the record itself, others what their window shows. */
  admin: boolean
  filters: readonly SavedFilter[]
}): { views: PaletteAction[]; actions: PaletteAction[] } {
  const { navigate, paused, admin, filters } = options
  const ask = (command: TrafficCommand) => () => {
    trafficCommandStore.set(command)
    navigate('/traffic')
  }
  const views = [
    {
      id: '/traffic/charts',
      label: 'Charts',
      description: 'Traffic: requests, errors and durations by app',
      icon: <IconChartLine {...ICON} />,
      run: () => navigate('/traffic/charts'),
    },
    {
      id: '/traffic/calls',
      label: 'Calls',
      description: 'Traffic: which app calls which',
      icon: <IconHierarchy {...ICON} />,
      run: () => navigate('/traffic/calls'),
    },
  ]
  const actions = [
    {
      id: 'filter requests',
      label: 'Filter requests',
      icon: <IconFilter {...ICON} />,
      run: ask({ do: 'filter', text: null }),
    },
    {
      id: 'pause requests',
      label: paused ? 'Resume requests' : 'Pause requests',
      description: paused ? 'Show what came meanwhile' : 'Traffic stands still; everything is recorded',
      icon: paused ? <IconPlayerPlay {...ICON} /> : <IconPlayerPause {...ICON} />,
      run: ask({ do: 'pause' }),
    },
    {
      id: 'export requests',
      label: 'Export requests as HAR',
      icon: <IconDownload {...ICON} />,
      run: ask({ do: 'export' }),
    },
    {
      id: 'clear requests',
      label: 'Clear requests',
      description: admin ? 'Empties the record of everybody; asks first' : 'In this window only',
      icon: <IconTrash {...ICON} />,
      run: ask({ do: 'clear' }),
    },
    ...filters.map(({ name, filter }) => ({
      id: `filter ${name}`,
      label: `Filter: ${visible(name)}`,
      description: visible(filter),
      icon: <IconBookmark {...ICON} />,
      run: ask({ do: 'filter', text: filter }),
    })),
  ]
  return { views, actions }
}
