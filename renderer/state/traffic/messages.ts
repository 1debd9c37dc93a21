import type { FilterNode } from '../../../runtime/contract/filter/ast.ts'
import type { SeenValues } from '../../../runtime/contract/filter/complete.ts'
import type { TrafficRow } from '../../../runtime/contract/models.ts'

/** What the worker shows of its rows. */
export interface TrafficView {
  node: FilterNode | null
  /** Calls to this app and by it; null for all. */
  appKey: string | null
  /** Rows from this number on: everything before was cleared in this window. */
  from: number
  /**
   * The filter asks for what the rows here do not have (headers). The host says which ones match, and only those are
   * shown.
   */
  byHost: boolean
}

/** What of the view is looked at. */
export interface TrafficWindow {
  /** At the end, whatever comes in. */
  follow: boolean
  /** First row to draw, when not following, and how many. */
  first: number
  count: number
  /** This row must stay where it is on the screen. */
  anchor: number | null
  /** The newest row that was seen at the end. */
  seen: number
  /** The selected row, which the details belong to. */
  selected: number | null
}

export interface TrafficFrame {
  /** Counts views; a page of an earlier view does not belong to this one. */
  generation: number
  /** Rows in the view, and those of them that are to be drawn, beginning with number `first`. */
  total: number
  first: number
  rows: TrafficRow[]
  /** Which row was asked to stay in its place, and where it stands now. */
  anchor: number | null
  anchorIndex: number | null
  selected: TrafficRow | null
  last: number
  /** The highest number that is here, whether it matches or not. */
  newest: number
  /** Matching rows that came while paused, and those after the last that was seen. */
  waiting: number
  fresh: number
  /** Rows here at all, whether they match or not. */
  held: number
  /** Of the newest rows one in this many is here. */
  every: number
  /** Older rows are to be asked for before this number; null when there are none. */
  before: number | null
}

export type ToTrafficWorker =
  | { type: 'view'; generation: number; view: TrafficView }
  | { type: 'window'; window: TrafficWindow }
  /** A TrafficBatch as the main process sends it: parsed here and nowhere before. */
  | { type: 'batch'; text: string }
  /** The newest rows of all, unfiltered; `next` as in TrafficSearchPage. */
  | { type: 'newest'; rows: TrafficRow[]; next: number | null }
  /** Older rows that match, of the host's search. */
  | { type: 'older'; generation: number; rows: TrafficRow[]; next: number | null }
  /** Newer rows that match, where the host is asked which ones do. */
  | { type: 'newer'; generation: number; rows: TrafficRow[] }
  | { type: 'pause'; paused: boolean }
  /** Where the selection goes to: rows from the selected one, or to an end. */
  | { type: 'move'; from: number | null; by: number | 'first' | 'last' }
  /** The frame is on the screen: the next may come. */
  | { type: 'drawn' }

export type FromTrafficWorker =
  | { type: 'frame'; frame: TrafficFrame }
  | { type: 'moved'; seq: number; index: number }
  | { type: 'seen'; seen: SeenValues }
