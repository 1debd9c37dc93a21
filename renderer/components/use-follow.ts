import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import { lowerBound, type Sequenced } from '../state/sorted-rows.ts'

/** Nearer to the end than this, in pixels, counts as being there. */
const END = 24
/** Nearer to the beginning than this, older rows are asked for. */
const BEGINNING = 400

interface FollowOptions {
  scroller: RefObject<HTMLElement | null>
  rows: readonly Sequenced[]
  /** Pixels; null when rows differ, then the place is not held while rows come in above. */
  rowHeight: number | null
  /** Above the first row, such as a header that sticks. */
  offset?: number
  onBeginning?(): void
}

/**
 * Keeps a growing list at its end while the person is there. Elsewhere it keeps the same row in the same place, also
 * when rows are put in or drop out above it.
 */
export function useFollow(options: FollowOptions) {
  const { scroller, rows, rowHeight, offset = 0, onBeginning } = options
  const [following, setFollowing] = useState(true)
  const lastTop = useRef(0)
  /** The topmost row that is seen, and how far it is scrolled out. */
  const anchor = useRef<{ seq: number; out: number } | null>(null)

  const remember = useCallback(
    (top: number) => {
      lastTop.current = top
      if (rowHeight === null) return
      const index = Math.max(0, Math.floor((top - offset) / rowHeight))
      const row = rows[index]
      anchor.current = row === undefined ? null : { seq: row.seq, out: top - index * rowHeight }
    },
    [rows, rowHeight, offset],
  )

  const onScroll = useCallback(() => {
    const box = scroller.current
    if (box === null) return
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < END
    // Only a movement upwards leaves the end: rows that grow when they are measured must not.
    if (atEnd) setFollowing(true)
    else if (box.scrollTop < lastTop.current - 1) setFollowing(false)
    remember(box.scrollTop)
    if (box.scrollTop < BEGINNING) onBeginning?.()
  }, [scroller, remember, onBeginning])

  useLayoutEffect(() => {
    const box = scroller.current
    if (box === null) return
    if (following) box.scrollTop = box.scrollHeight
    else if (rowHeight !== null && anchor.current !== null) {
      const wanted = lowerBound(rows, anchor.current.seq) * rowHeight + anchor.current.out
      if (Math.abs(wanted - box.scrollTop) >= 1) box.scrollTop = wanted
    }
    lastTop.current = box.scrollTop
  }, [scroller, rows, rowHeight, following])

  const follow = useCallback(() => {
    setFollowing(true)
    if (scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight
  }, [scroller])
  const leave = useCallback(() => {
    setFollowing(false)
    if (scroller.current !== null) remember(scroller.current.scrollTop)
  }, [scroller, remember])
  return { following, follow, leave, onScroll }
}
