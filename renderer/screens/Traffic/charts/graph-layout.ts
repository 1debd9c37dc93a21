import { Graph, layout } from '@dagrejs/dagre'
import type { TrafficGraph, TrafficGraphEdge, TrafficGraphNode } from '../../../../runtime/contract/traffic.ts'

export const NODE = { width: 132, height: 40 } as const

/** One arrow for all APIs between the same two. */
export interface CallArrow {
  from: string
  to: string
  requests: number
  errors: number
  /** The highest of its APIs. */
  p99: number | null
  apis: TrafficGraphEdge[]
}

export interface PlacedNode extends TrafficGraphNode {
  x: number
  y: number
}

export interface PlacedArrow extends CallArrow {
  points: { x: number; y: number }[]
}

export interface PlacedGraph {
  nodes: PlacedNode[]
  arrows: PlacedArrow[]
  width: number
  height: number
}

export function arrowsOf(edges: readonly TrafficGraphEdge[]): CallArrow[] {
  const arrows = new Map<string, CallArrow>()
  for (const edge of edges) {
    const key = `${edge.from} ${edge.to}`
    const arrow = arrows.get(key) ?? { from: edge.from, to: edge.to, requests: 0, errors: 0, p99: null, apis: [] }
    arrow.requests += edge.requests
    arrow.errors += edge.errors
    if (edge.p99 !== null) arrow.p99 = Math.max(arrow.p99 ?? 0, edge.p99)
    arrow.apis.push(edge)
    arrows.set(key, arrow)
  }
  return [...arrows.values()].sort((a, b) => b.requests - a.requests)
}

/** Callers to the left of whom they call, arrows crossing as little as may be. */
export function placeGraph(graph: TrafficGraph): PlacedGraph {
  const drawing = new Graph({ directed: true })
  drawing.setGraph({ rankdir: 'LR', nodesep: 22, ranksep: 120, edgesep: 16, marginx: 12, marginy: 12 })
  drawing.setDefaultEdgeLabel(() => ({}))
  const ids = new Set(graph.nodes.map(({ id }) => id))
  for (const node of graph.nodes) drawing.setNode(node.id, { ...NODE })
  const arrows = arrowsOf(graph.edges).filter(({ from, to }) => ids.has(from) && ids.has(to))
  for (const { from, to } of arrows) drawing.setEdge(from, to, {})
  layout(drawing)
  const { width = 0, height = 0 } = drawing.graph()
  return {
    nodes: graph.nodes.map((node) => {
      const { x = 0, y = 0 } = drawing.node(node.id)
      return { ...node, x, y }
    }),
    arrows: arrows.map((arrow) => ({ ...arrow, points: drawing.edge(arrow.from, arrow.to).points ?? [] })),
    width,
    height,
  }
}

/** The filter that shows what an arrow stands for. */
export function filterOfArrow(arrow: CallArrow, nodes: readonly TrafficGraphNode[]): string {
  const node = (id: string) => nodes.find((one) => one.id === id)
  const from = node(arrow.from)
  const to = node(arrow.to)
  const target = to?.kind === 'host' ? 'is:gateway to:=atek' : `to:=${to?.label ?? ''}`
  return from?.kind === 'app' ? `from:=${from.label} ${target}` : `${target} -is:app-to-app`
}

export function filterOfNode(node: TrafficGraphNode): string {
  if (node.kind === 'app') return `app:=${node.label}`
  return node.kind === 'host' ? 'is:gateway to:=atek' : '-is:app-to-app'
}
