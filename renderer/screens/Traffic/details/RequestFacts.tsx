import { Anchor } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { TrafficDetails } from '../../../../runtime/contract/models.ts'
import { Safe } from '../../../components/Safe.tsx'
import { visible } from '../../../format/text.ts'
import { exactTime, preciseTime } from '../../../format/time.ts'
import { formatBytes, formatDuration } from '../../../format/units.ts'
import { appsStore } from '../../../state/apps.ts'
import { useStore } from '../../../state/store.ts'
import classes from './details.module.css'
import { fetchSecrets } from './HeadersTab.tsx'
import { SecretValue } from './SecretValue.tsx'

const KINDS = { http: 'Page or data', websocket: 'WebSocket', gateway: 'Call through the gateway' } as const

/** The request in words, line by line. */
export function RequestFacts(props: { details: TrafficDetails; onGo(seq: number): void }) {
  const { details, onGo } = props
  const app = useStore(appsStore, (state) => (details.appKey === null ? undefined : state.byKey.get(details.appKey)))
  const { caller } = details
  const facts: [string, ReactNode][] = [
    [
      'Time',
      <span key="time" title={exactTime(details.at)}>
        {preciseTime(details.at)}
      </span>,
    ],
    [
      'Path',
      <span key="path" className={classes.mono}>
        <SecretValue
          key={details.seq}
          text={details.path}
          reveal={details.inMemory ? async () => (await fetchSecrets(details.seq)).path : null}
        />
      </span>,
    ],
    ['Kind', KINDS[details.kind]],
    [
      'App',
      app === undefined ? (
        <Safe key="app" text={details.appId} />
      ) : (
        <Link key="app" href={`/apps/${app.key}`} style={{ color: 'var(--mantine-color-anchor)' }}>
          <Safe text={app.title} />
        </Link>
      ),
    ],
  ]
  if (caller !== null) {
    facts.push(['Person', visible(caller.username ?? (caller.userKey === 'system' ? 'Atek itself' : 'A deleted user'))])
    if (caller.serviceKey !== null) facts.push(['Calling app', visible(caller.serviceId ?? 'A deleted app')])
  }
  if (details.rpcApi !== null) facts.push(['API', <code key="api">{visible(details.rpcApi)}</code>])
  if (details.rpcMethod !== null) facts.push(['Call', <code key="call">{visible(details.rpcMethod)}</code>])
  facts.push(
    ['Took', details.durationMs === null ? 'Not finished' : formatDuration(details.durationMs)],
    ['Size', `${formatBytes(details.bytesIn)} sent, ${formatBytes(details.bytesOut)} received`],
  )
  if (details.state === 'aborted') facts.push(['End', visible(details.reason ?? 'Cut off before it was finished.')])
  const { replayOf } = details
  if (replayOf !== null) {
    facts.push([
      'Replay of',
      <Anchor key="replay" component="button" type="button" inherit onClick={() => onGo(replayOf)}>
        an earlier request
      </Anchor>,
    ])
  }
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
