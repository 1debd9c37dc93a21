/** Lists that grow at the end, ordered by `seq`, with a bound: traffic and logs. */
export interface Sequenced {
  seq: number
}

/** Index of the first row whose seq is at least `seq`. */
export function lowerBound(rows: readonly Sequenced[], seq: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rows[middle]?.seq ?? Number.POSITIVE_INFINITY) < seq) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Merges rows into an ordered list; a row with a known seq replaces the older one. Only the newest `limit` rows are
 * kept. Cheap for rows that belong at the end, which is nearly always.
 */
export function mergeRows<T extends Sequenced>(
  rows: readonly T[],
  incoming: readonly T[],
  limit: number,
): readonly T[] {
  if (incoming.length === 0) return rows
  const fresh = inOrder(incoming)
  const start = lowerBound(rows, fresh[0]?.seq ?? 0)
  const merged = rows.slice(0, start)
  let next = 0
  for (let index = start; index < rows.length; index += 1) {
    const old = rows[index] as T
    while (next < fresh.length && (fresh[next] as T).seq < old.seq) merged.push(fresh[next++] as T)
    if (next < fresh.length && (fresh[next] as T).seq === old.seq) merged.push(fresh[next++] as T)
    else merged.push(old)
  }
  while (next < fresh.length) merged.push(fresh[next++] as T)
  return merged.length > limit ? merged.slice(merged.length - limit) : merged
}

/** Ordered by seq; of two rows with the same seq the later one in the list stays. */
function inOrder<T extends Sequenced>(rows: readonly T[]): readonly T[] {
  let ordered = true
  for (let index = 1; index < rows.length && ordered; index += 1) {
    ordered = (rows[index - 1] as T).seq < (rows[index] as T).seq
  }
  if (ordered) return rows
  const bySeq = new Map<number, T>()
  for (const row of rows) bySeq.set(row.seq, row)
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq)
}
