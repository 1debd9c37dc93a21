import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import { BEGINNING, END, useByHand } from '../../components/use-by-hand.ts'
import type { TrafficClient } from '../../state/traffic/client.ts'
import type { TrafficFrame } from '../../state/traffic/messages.ts'

export const ROW = 28
export const HEAD = 30
/**
 * Rows above and below the visible ones that are there before they are scrolled to. At the end everything changes ten
 * times a second and nobody scrolls, so there are fewer.
 */
const SPARE = 16
const SPARE_AT_END = 4

/**
 * Which rows the grid draws. It follows the end while the person is there; elsewhere the topmost row stays in its place,
 * whatever comes in or leaves above it. The worker knows where that row stands now.
 */
export function useGridWindow(
  scroller: RefObject<HTMLDivElement | null>,
  client: TrafficClient,
  frame: TrafficFrame,
  height: number,
) {
  const [following, setFollowing] = useState(true)
  const count = Math.ceil(Math.max(height, 200) / ROW) + (following ? SPARE_AT_END : 2 * SPARE)
  const { isByHand, forget, handlers } = useByHand()
  /** The topmost row, and how far it is scrolled out. */
  const anchor = useRef<{ seq: number; out: number } | null>(null)
  const latest = useRef({ frame, following })
  latest.current = { frame, following }
  const seen = useRef(0)
  /** Where the end was scrolled to: reading it back from the box would make it lay itself out once more. */
  const setEnd = useRef(-1)
  if (following) seen.current = frame.last

  const look = useCallback(
    (top: number) => {
      const { frame: now } = latest.current
      const index = Math.max(0, Math.floor(top / ROW))
      const row = now.rows[index - now.first]
      anchor.current = row === undefined ? null : { seq: row.seq, out: top - index * ROW }
      client.look({
        follow: false,
        first: Math.max(0, index - SPARE),
        anchor: row?.seq ?? null,
        seen: seen.current,
      })
    },
    [client],
  )

  const follow = useCallback(() => {
    forget()
    anchor.current = null
    setFollowing(true)
    setEnd.current = -1
    client.look({ follow: true, anchor: null })
  }, [client, forget])

  const leave = useCallback(() => {
    setFollowing(false)
    if (scroller.current !== null) look(scroller.current.scrollTop)
  }, [scroller, look])

  // A grid begins at the end; what the one before it looked at, until a filter showed nothing, is over.
  useLayoutEffect(() => client.look({ follow: true, first: 0, anchor: null }), [client])
  useLayoutEffect(() => {
    client.look({ count })
  }, [client, count])

  const onScroll = useCallback(() => {
    const box = scroller.current
    if (box === null) return
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < END
    const byHand = isByHand()
    if (atEnd && !latest.current.following) follow()
    else if (!atEnd && latest.current.following && byHand) leave()
    else if (!atEnd && !latest.current.following) look(box.scrollTop)
    if (box.scrollTop < BEGINNING && byHand) client.searchOlder()
  }, [scroller, client, follow, leave, look, isByHand])

  // With every picture, before it is painted.
  useLayoutEffect(() => {
    const box = scroller.current
    if (box === null) return
    if (following) {
      const end = HEAD + frame.total * ROW - height
      if (end !== setEnd.current) box.scrollTop = end
      setEnd.current = end
      return
    }
    setEnd.current = -1
    if (anchor.current !== null && frame.anchorIndex !== null && frame.anchor === anchor.current.seq) {
      const wanted = frame.anchorIndex * ROW + anchor.current.out
      if (Math.abs(wanted - box.scrollTop) >= 1) box.scrollTop = wanted
    }
    const first = Math.floor(box.scrollTop / ROW)
    const end = Math.min(frame.total, Math.ceil((box.scrollTop + height - HEAD) / ROW))
    const missing = first < frame.first || end > frame.first + frame.rows.length
    // It was scrolled to a place whose rows were not here yet, or they were moved away from there.
    if (missing || (anchor.current === null && frame.rows[first - frame.first] !== undefined)) look(box.scrollTop)
  }, [scroller, frame, height, following, look])

  /** Brings a row into sight. */
  const reveal = useCallback(
    (index: number) => {
      const box = scroller.current
      if (box === null) return
      const top = index * ROW
      if (top < box.scrollTop) box.scrollTop = top
      else if (top + ROW + HEAD > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW + HEAD - box.clientHeight
      look(box.scrollTop)
    },
    [scroller, look],
  )

  return { following, follow, leave, reveal, count, handlers: { ...handlers, onScroll } }
}
