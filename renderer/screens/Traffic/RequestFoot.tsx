import { Anchor } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TrafficCounts } from '../../../runtime/contract/traffic.ts'
import { control, toCallError } from '../../api.ts'
import { plural, visible } from '../../format/text.ts'
import { formatBytes } from '../../format/units.ts'
import { QUERY } from '../../state/queries.ts'
import type { LiveTraffic, TrafficClient } from '../../state/traffic/client.ts'
import { lookedThrough } from './looked-through.ts'
import classes from './Traffic.module.css'

const COUNT_EVERY = 2000

/** What is shown, what is recorded, and what is not: nothing goes missing without a word. */
export function RequestFoot(props: {
  client: TrafficClient
  live: LiveTraffic
  /** The place of the rows says already how far was looked. */
  nothing: boolean
}) {
  const { client, live, nothing } = props
  const counts = useQuery({
    queryKey: QUERY.trafficCounts,
    queryFn: () => control('traffic.counts', {}),
    refetchInterval: COUNT_EVERY,
    gcTime: 0,
  })
  const { frame } = live
  if (frame === null) return null
  return (
    <div className={classes.foot}>
      <span>{plural(frame.total, 'request')} shown</span>
      {counts.data !== undefined && <Counts counts={counts.data} />}
      {frame.every > 1 && (
        <span className={classes.thinned}>
          More than 10,000 a second: one of {frame.every} is drawn, all are recorded.
        </span>
      )}
      <span className={classes.spread} />
      {live.searching && <span role="status">Looking for older requests…</span>}
      {live.canSearchOlder && !live.searching && !nothing && (
        <span>
          Looked through the newest {lookedThrough(frame).toLocaleString('en')}.{' '}
          <Anchor component="button" type="button" size="xs" onClick={() => client.searchOlder()}>
            Look further back
          </Anchor>
        </span>
      )}
      {live.error !== null && (
        <span role="status" className={classes.footProblem}>
          {visible(toCallError(live.error).message)}
        </span>
      )}
    </div>
  )
}

function Counts(props: { counts: TrafficCounts }) {
  const { counts } = props
  return (
    <>
      <span title="Kept on the disk until they are old or too many">
        {counts.onDisk.rows.toLocaleString('en')} recorded, {formatBytes(counts.onDisk.bytes)}
      </span>
      {counts.lost > 0 && (
        <span
          className={classes.footProblem}
          title="They were passed on and counted; only their rows are missing from what is kept on the disk."
        >
          {plural(counts.lost, 'request')} {counts.problem === null ? 'came too fast to be stored.' : 'not stored.'}
        </span>
      )}
      {counts.problem !== null && <span className={classes.footProblem}>{visible(counts.problem)}</span>}
    </>
  )
}
