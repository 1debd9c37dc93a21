import { type PointerEvent, useCallback, useRef } from 'react'

/** Nearer to the end of a box than this, in pixels, counts as being there. */
export const END = 24
/** Nearer to its beginning than this, older rows are asked for. */
export const BEGINNING = 400
/** A scroll this soon after a wheel, key, touch or press is the person's own; in milliseconds. */
const BY_HAND = 1000

/**
 * Tells a person's own scrolling from that which growing and shrinking rows do. `handlers` belong on the box that
 * scrolls.
 */
export function useByHand() {
  /** When the person last moved something in the box, on the clock of `performance.now`. */
  const lastTouched = useRef(Number.NEGATIVE_INFINITY)
  const isByHand = useCallback(() => performance.now() - lastTouched.current < BY_HAND, [])
  const forget = useCallback(() => {
    lastTouched.current = Number.NEGATIVE_INFINITY
  }, [])
  const touched = useCallback(() => {
    lastTouched.current = performance.now()
  }, [])
  // A press on the scrollbar lasts as long as it is dragged.
  const onPointerMove = useCallback(
    (event: PointerEvent) => {
      if (event.buttons > 0) touched()
    },
    [touched],
  )
  const handlers = {
    onWheel: touched,
    onTouchMove: touched,
    onPointerDown: touched,
    onPointerMove,
    onKeyDownCapture: touched,
  }
  return { isByHand, forget, handlers }
}
