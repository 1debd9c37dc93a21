import type { Me } from '../../../runtime/contract/models.ts'
import { Page } from '../../components/Page.tsx'
import { Requests } from './Requests.tsx'

/** Every request that the host passes on or refuses, as it happens. */
export function TrafficScreen(props: { me: Me }) {
  return (
    <Page title="Traffic" fill>
      <Requests me={props.me} appKey={null} />
    </Page>
  )
}
