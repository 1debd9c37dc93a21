// biome-ignore-all lint/a11y/useSemanticElements: parts of a drawing cannot be HTML buttons.
import { Table, Text } from '@mantine/core'
import { type KeyboardEvent, useId, useMemo } from 'react'
import type { AppSummary } from '../../../../runtime/contract/models.ts'
import type { TrafficGraph } from '../../../../runtime/contract/traffic.ts'
import { AppIcon } from '../../../components/AppIcon.tsx'
import { plural, visible } from '../../../format/text.ts'
import { formatDuration } from '../../../format/units.ts'
import { appsStore } from '../../../state/apps.ts'
import { useStore } from '../../../state/store.ts'
import classes from './charts.module.css'
import { filterOfArrow, filterOfNode, NODE, type PlacedArrow, type PlacedNode, placeGraph } from './graph-layout.ts'

/** Who calls whom. A node or an arrow leads to its requests. */
export function CallGraph(props: { graph: TrafficGraph; onFilter(filter: string): void }) {
  const { graph, onFilter } = props
  const apps = useStore(appsStore, (state) => state.byKey)
  const placed = useMemo(() => placeGraph(graph), [graph])
  const head = useId()
  const most = Math.max(1, ...placed.arrows.map(({ requests }) => requests))
  return (
    <>
      <Text size="xs" c="dimmed" mb="xs">
        An arrow is as thick as it is busy, and red where requests failed. Click one, or an app, for its requests.
      </Text>
      <div className={classes.graphBox}>
        <svg
          className={classes.graph}
          width={placed.width}
          height={placed.height}
          viewBox={`0 0 ${placed.width} ${placed.height}`}
          role="group"
          aria-label="Who calls whom"
        >
          <title>Who calls whom</title>
          <defs>
            {['', 'bad'].map((kind) => (
              <marker
                key={kind}
                id={`${head}${kind}`}
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerWidth="8"
                markerHeight="8"
                markerUnits="userSpaceOnUse"
                orient="auto"
              >
                <path d="M0 0 8 4 0 8z" className={kind === 'bad' ? classes.headBad : classes.headPlain} />
              </marker>
            ))}
          </defs>
          {placed.arrows.map((arrow) => (
            <Arrow
              key={`${arrow.from} ${arrow.to}`}
              arrow={arrow}
              share={Math.log1p(arrow.requests) / Math.log1p(most)}
              names={graph.nodes}
              head={head}
              onFilter={onFilter}
            />
          ))}
          {placed.nodes.map((node) => (
            <Node key={node.id} node={node} app={apps.get(node.id)} onFilter={onFilter} />
          ))}
        </svg>
      </div>
      <CallTable graph={graph} />
    </>
  )
}

/** As the drawing calls them; an app by its ID. */
function nameOf(nodes: TrafficGraph['nodes'], id: string): string {
  const node = nodes.find((one) => one.id === id)
  if (node?.kind === 'people') return 'People'
  if (node?.kind === 'host') return 'Atek'
  return visible(node?.label ?? id)
}

/** What a click does, for the keyboard too. */
function acts(run: () => void) {
  return {
    role: 'button',
    tabIndex: 0,
    onClick: run,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      run()
    },
  } as const
}

function Arrow(props: {
  arrow: PlacedArrow
  share: number
  names: TrafficGraph['nodes']
  head: string
  onFilter(filter: string): void
}) {
  const { arrow, share, names, head, onFilter } = props
  const name = (id: string) => nameOf(names, id)
  const words = `${name(arrow.from)} to ${name(arrow.to)}: ${plural(arrow.requests, 'request')}${
    arrow.errors > 0 ? `, ${plural(arrow.errors, 'error')}` : ''
  }${arrow.p99 === null ? '' : `, p99 ${formatDuration(arrow.p99)}`}`
  const path = smooth(arrow.points)
  const middle = arrow.points[Math.floor(arrow.points.length / 2)]
  return (
    <g
      className={classes.arrow}
      data-bad={arrow.errors > 0 || undefined}
      aria-label={words}
      {...acts(() => onFilter(filterOfArrow(arrow, names)))}
    >
      <title>{words}</title>
      {/* Wide and unseen, for the pointer. */}
      <path d={path} className={classes.reach} />
      <path
        d={path}
        className={classes.shaft}
        strokeWidth={1 + share * 3}
        markerEnd={`url(#${head}${arrow.errors > 0 ? 'bad' : ''})`}
      />
      {middle !== undefined && (
        <text x={middle.x} y={middle.y - 6} className={classes.arrowText}>
          {arrow.requests.toLocaleString('en')}
        </text>
      )}
    </g>
  )
}

function Node(props: { node: PlacedNode; app: AppSummary | undefined; onFilter(filter: string): void }) {
  const { node, app, onFilter } = props
  const label = node.kind === 'people' ? 'People' : node.kind === 'host' ? 'Atek' : visible(app?.title ?? node.label)
  const left = node.x - NODE.width / 2
  const top = node.y - NODE.height / 2
  return (
    <g className={classes.node} data-kind={node.kind} aria-label={label} {...acts(() => onFilter(filterOfNode(node)))}>
      <title>{label}</title>
      <rect x={left} y={top} width={NODE.width} height={NODE.height} rx={6} />
      {/* As HTML, since its letter is drawn by the style sheet and is no part of the name. */}
      <foreignObject x={left + 10} y={top + 10} width={20} height={20}>
        <AppIcon icon={app?.icon ?? null} title={label} colourKey={node.id} size={20} />
      </foreignObject>
      <text x={left + 38} y={top + 24.5} className={classes.nodeText}>
        {label.length > 13 ? `${label.slice(0, 12)}…` : label}
      </text>
    </g>
  )
}

/** The same as the drawing, API by API. */
function CallTable(props: { graph: TrafficGraph }) {
  const { nodes, edges } = props.graph
  const name = (id: string) => nameOf(nodes, id)
  return (
    <Table className={classes.table} aria-label="Calls by API">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>From</Table.Th>
          <Table.Th>To</Table.Th>
          <Table.Th>API</Table.Th>
          <Table.Th className={classes.number}>Requests</Table.Th>
          <Table.Th className={classes.number}>Errors</Table.Th>
          <Table.Th className={classes.number}>p50</Table.Th>
          <Table.Th className={classes.number}>p99</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {[...edges]
          .sort((a, b) => b.requests - a.requests)
          .map((edge) => (
            <Table.Tr key={`${edge.from} ${edge.to} ${edge.api}`}>
              <Table.Td>{name(edge.from)}</Table.Td>
              <Table.Td>{name(edge.to)}</Table.Td>
              {edge.api === null ? (
                <Table.Td c="dimmed">its own address</Table.Td>
              ) : (
                <Table.Td className={classes.mono}>{visible(edge.api)}</Table.Td>
              )}
              <Table.Td className={classes.number}>{edge.requests.toLocaleString('en')}</Table.Td>
              <Table.Td className={classes.number} data-bad={edge.errors > 0 || undefined}>
                {edge.errors.toLocaleString('en')}
              </Table.Td>
              <Table.Td className={classes.number}>{edge.p50 === null ? '–' : formatDuration(edge.p50)}</Table.Td>
              <Table.Td className={classes.number}>{edge.p99 === null ? '–' : formatDuration(edge.p99)}</Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  )
}

/** A soft line through the points of an arrow. */
function smooth(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let path = `M${first.x} ${first.y}`
  rest.forEach((point, index) => {
    const next = rest[index + 1]
    if (next === undefined) path += `L${point.x} ${point.y}`
    else path += `Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`
  })
  return path
}
