import { expect, test } from 'vitest'
import { trafficRow } from '../../../testing/rows.ts'
import { type ChainNode, chainTree } from './chain-tree.ts'

const shape = (nodes: ChainNode[]): unknown[] => nodes.map(({ row, children }) => [row.seq, ...shape(children)])
const caused = (seq: number, by: number) => trafficRow({ seq, cause: { seq: by, sure: true } })

test('who caused whom, oldest first', () => {
  expect(shape(chainTree([caused(4, 1), trafficRow({ seq: 1 }), caused(3, 2), caused(2, 1)]))).toEqual([
    [1, [2, [3]], [4]],
  ])
})

test('a cause that one may not see makes a root, and a ring no endless tree', () => {
  expect(shape(chainTree([caused(5, 1), caused(6, 5)]))).toEqual([[5, [6]]])
  expect(shape(chainTree([caused(1, 2), caused(2, 1)]))).toEqual([[1, [2]]])
  expect(shape(chainTree([caused(1, 1)]))).toEqual([[1]])
})
