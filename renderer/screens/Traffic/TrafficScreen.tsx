import { SegmentedControl } from '@mantine/core'
import { useLocation } from 'wouter'
import type { Me } from '../../../runtime/contract/models.ts'
import { Page } from '../../components/Page.tsx'
import { trafficFilterStore } from '../../state/traffic/filter-text.ts'
import { ChartsView } from './charts/ChartsView.tsx'
import { Requests } from './Requests.tsx'

const VIEWS = [
  { value: 'requests', label: 'Requests' },
  { value: 'charts', label: 'Charts' },
  { value: 'calls', label: 'Calls' },
] as const

/** Every request that the host passes on or refuses, as it happens; and what they come to. */
export function TrafficScreen(props: { me: Me; view: string | undefined }) {
  const [, navigate] = useLocation()
  const view = VIEWS.find(({ value }) => value === props.view)?.value ?? 'requests'
  const show = (to: string) => navigate(to === 'requests' ? '/traffic' : `/traffic/${to}`, { replace: true })
  return (
    <Page
      title="Traffic"
      fill
      tools={<SegmentedControl size="xs" aria-label="View" value={view} onChange={show} data={[...VIEWS]} />}
    >
      {view === 'requests' ? (
        <Requests me={props.me} appKey={null} />
      ) : (
        <ChartsView
          key={view}
          what={view}
          onFilter={(filter) => {
            trafficFilterStore.set(filter)
            show('requests')
          }}
        />
      )}
    </Page>
  )
}
