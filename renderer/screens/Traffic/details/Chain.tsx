import { Loader, Text, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TrafficDetails } from '../../../../runtime/contract/models.ts'
import { control } from '../../../api.ts'
import { ErrorNotice } from '../../../components/ErrorNotice.tsx'
import { visible } from '../../../format/text.ts'
import { formatDuration } from '../../../format/units.ts'
import { QUERY } from '../../../state/queries.ts'
import { Status } from '../RequestRow.tsx'
import { type ChainNode, chainTree } from './chain-tree.ts'
import classes from './details.module.css'

/** The request that this one belongs to, and everything that it set off. */
export function Chain(props: { details: TrafficDetails; onGo(seq: number): void }) {
  const { details, onGo } = props
  const chain = useQuery({
    queryKey: QUERY.chain(details.seq),
    queryFn: () => control('traffic.chain', { seq: details.seq }),
    gcTime: 0,
    refetchInterval: details.state === 'open' ? 1000 : false,
  })
  if (chain.isError)
    return <ErrorNotice error={chain.error} action={{ label: 'Try again', run: () => chain.refetch() }} />
  if (chain.data === undefined) return <Loader size="sm" aria-label="Loading" />
  const roots = chainTree(chain.data.rows)
  const alone = chain.data.rows.length <= 1
  return (
    <>
      {alone ? (
        <Text c="dimmed" mb="sm">
          It was not made for another request, and no app called another one for it.
        </Text>
      ) : (
        <Text c="dimmed" mb="sm">
          Apps that were called for a request call others in turn. “Probably” stands where only the times tell so.
        </Text>
      )}
      <ul className={classes.chain}>
        {roots.map((node) => (
          <Node key={node.row.seq} node={node} current={details.seq} onGo={onGo} />
        ))}
      </ul>
      {chain.data.truncated && <Text c="dimmed">More requests belong to it than are shown here.</Text>}
    </>
  )
}

function Node(props: { node: ChainNode; current: number; onGo(seq: number): void }) {
  const { node, current, onGo } = props
  const { row, children } = node
  const here = row.seq === current
  return (
    <li>
      <UnstyledButton className={classes.link} aria-current={here || undefined} onClick={() => onGo(row.seq)}>
        <span className={classes.linkApp}>
          <bdi>{visible(row.appId)}</bdi>
        </span>
        <span className={classes.linkPath}>
          {visible(row.method)}{' '}
          <bdi>{visible(row.rpcMethod === null ? row.path : `${row.rpcApi} ${row.rpcMethod}`)}</bdi>
        </span>
        {row.cause !== null && !row.cause.sure && <span className={classes.aside}>probably</span>}
        <Status row={row} />
        <span className={classes.linkTook}>{row.durationMs === null ? 'open' : formatDuration(row.durationMs)}</span>
      </UnstyledButton>
      {children.length > 0 && (
        <ul>
          {children.map((child) => (
            <Node key={child.row.seq} node={child} current={current} onGo={onGo} />
          ))}
        </ul>
      )}
    </li>
  )
}
