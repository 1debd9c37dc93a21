import type { TrafficRow } from '../../../../runtime/contract/models.ts'

export interface ChainNode {
  row: TrafficRow
  /** What it set off, oldest first. */
  children: ChainNode[]
}

/** Rows as trees of who caused whom. A cause that is not among the rows makes a root; so does one of a ring. */
export function chainTree(rows: readonly TrafficRow[]): ChainNode[] {
  const bySeq = new Map(rows.map((row) => [row.seq, { row, children: [] as ChainNode[] }]))
  const roots: ChainNode[] = []
  for (const node of [...bySeq.values()].sort((a, b) => a.row.seq - b.row.seq)) {
    const cause = node.row.cause
    // What causes something came before it, so there are no rings to follow.
    const parent = cause !== null && cause.seq < node.row.seq ? bySeq.get(cause.seq) : undefined
    if (parent === undefined) roots.push(node)
    else parent.children.push(node)
  }
  return roots
}
