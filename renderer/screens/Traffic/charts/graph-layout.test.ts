import { expect, test } from 'vitest'
import { parseFilter } from '../../../../runtime/contract/filter/parse.ts'
import type { TrafficGraph } from '../../../../runtime/contract/traffic.ts'
import { arrowsOf, filterOfArrow, filterOfNode, NODE, placeGraph } from './graph-layout.ts'

const edge = (from: string, to: string, api: string | null, requests: number, p99: number | null = 5) => ({
  from,
  to,
  api,
  requests,
  errors: 1,
  p50: 1,
  p99,
})
const graph: TrafficGraph = {
  from: 0,
  nodes: [
    { id: 'people', kind: 'people', label: 'people' },
    { id: 'a', kind: 'app', label: 'caller' },
    { id: 'b', kind: 'app', label: 'provider' },
    { id: 'host', kind: 'host', label: 'host' },
  ],
  edges: [
    edge('people', 'a', null, 10),
    edge('a', 'b', 'x/one', 3),
    edge('a', 'b', 'x/two', 4, 9),
    edge('b', 'host', 'atek.cloud/users-api', 1),
    edge('b', 'a', 'y', 1),
  ],
}

test('one arrow for all APIs between two, the busiest first', () => {
  expect(arrowsOf(graph.edges)[1]).toMatchObject({ from: 'a', to: 'b', requests: 7, errors: 2, p99: 9 })
})

test('callers stand to the left, and nothing lies on something else', () => {
  const { nodes, arrows, width, height } = placeGraph(graph)
  const x = (id: string) => nodes.find((node) => node.id === id)?.x ?? Number.NaN
  expect(x('people')).toBeLessThan(x('a'))
  expect(x('a')).toBeLessThan(x('b'))
  for (const one of nodes) {
    for (const other of nodes) {
      if (one === other) continue
      expect(Math.abs(one.x - other.x) >= NODE.width || Math.abs(one.y - other.y) >= NODE.height).toBe(true)
    }
    expect(one.x + NODE.width / 2).toBeLessThanOrEqual(width)
    expect(one.y + NODE.height / 2).toBeLessThanOrEqual(height)
  }
  expect(arrows).toHaveLength(4)
  expect(arrows.every(({ points }) => points.length >= 2)).toBe(true)
})

test('a call to itself and an empty graph are drawn, too', () => {
  expect(placeGraph({ from: 0, nodes: [], edges: [] }).nodes).toEqual([])
  expect(placeGraph({ from: 0, nodes: graph.nodes.slice(1, 2), edges: [edge('a', 'a', 'x', 1)] }).arrows).toHaveLength(
    1,
  )
})

test('what is clicked is a filter without a problem', () => {
  const texts = [
    ...arrowsOf(graph.edges).map((arrow) => filterOfArrow(arrow, graph.nodes)),
    ...graph.nodes.map(filterOfNode),
  ]
  for (const text of texts) expect(parseFilter(text).problems).toEqual([])
  expect(texts).toContain('from:=caller to:=provider')
  expect(texts).toContain('to:=caller -is:app-to-app')
  expect(texts).toContain('from:=provider is:gateway to:=atek')
})
