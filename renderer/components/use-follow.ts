import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import { lowerBound, type Sequenced } from '../state/sorted-rows.ts'
import { BEGINNING, END, useByHand } from './use-by-hand.ts'

interface FollowOptions {
  scroller: RefObject<HTMLElement | null>
  rows: readonly Sequenced[]
  /** Pixels of all rows; changes, too, when rows are measured. */
  height: number
  /** Pixels; null when rows differ, then the place is not held while rows come in above. */
  rowHeight: number | null
  onBeginning?(): void
}

/**
 * `handlers` belong on the box that scrolls.
 *
 * Keeps a growing list at its end while the person is there. Elsewhere it keeps the same row in the same place, also
 * when rows are put in or drop out above it.
 */
export function useFollow(options: FollowOptions) {
  const { scroller, rows, height, rowHeight, onBeginning } = options
  const [following, setFollowing] = useState(true)
  const { isByHand, forget, handlers } = useByHand()
  /** The topmost row that is seen, and how far it is scrolled out. */
  const anchor = useRef<{ seq: number; out: number } | null>(null)

  const remember = useCallback(
    (top: number) => {
      if (rowHeight === null) return
      const index = Math.max(0, Math.floor(top / rowHeight))
      const row = rows[index]
      anchor.current = row === undefined ? null : { seq: row.seq, out: top - index * rowHeight }
    },
    [rows, rowHeight],
  )

  const onScroll = useCallback(() => {
    const box = scroller.current
    if (box === null) return
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < END
    // Rows that grow when they are measured move the end away, too; only the person leaves it.
    if (atEnd) setFollowing(true)
    else if (isByHand()) setFollowing(false)
    remember(box.scrollTop)
    if (box.scrollTop < BEGINNING) onBeginning?.()
  }, [scroller, remember, onBeginning, isByHand])

  // Whenever the list or its height changes, before it is painted.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `height` is what makes the end move.
  useLayoutEffect(() => {
    const box = scroller.current
    if (box === null) return
    if (following) box.scrollTop = box.scrollHeight
    else if (rowHeight !== null && anchor.current !== null) {
      const wanted = lowerBound(rows, anchor.current.seq) * rowHeight + anchor.current.out
      if (Math.abs(wanted - box.scrollTop) >= 1) box.scrollTop = wanted
    }
  }, [scroller, rows, height, rowHeight, following])

  const follow = useCallback(() => {
    forget()
    setFollowing(true)
    if (scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight
  }, [scroller, forget])
  const leave = useCallback(() => {
    setFollowing(false)
    if (scroller.current !== null) remember(scroller.current.scrollTop)
  }, [scroller, remember])
  return { following, follow, leave, handlers: { ...handlers, onScroll } }
}
