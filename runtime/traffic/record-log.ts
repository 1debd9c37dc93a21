import {
  type RecordRoom,
  type RecordSource,
  recordBytes,
  recordRoom,
  recordSize,
  setArchived,
  writeRecord,
} from './record-bytes.ts'

/** A segment's size, but for a record that is larger. */
const SEGMENT_BYTES = 1024 * 1024
const LEAST_SEGMENT = 4096
const SEGMENTS = 64

/** A piece of the log. Records lie in it one behind the other, in the order in which their requests ended. */
export class Segment {
  readonly room: RecordRoom
  used = 0
  /** Where the newest record in it begins. */
  newest = 0
  /** The highest number of a request that lies in it. */
  lastSeq = 0
  /** Records in it, and how many of them have been taken to be stored, up to which byte. */
  records = 0
  taken = 0
  takenBytes = 0
  /** It gave way: its room may be another's by now. */
  gone = false

  constructor(room: RecordRoom) {
    this.room = room
  }

  get size(): number {
    return this.room.bytes.length
  }
}

/** Records on their way to the disk: a copy, and where they are. */
export interface TakenRecords {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly records: number
  readonly segment: Segment
  readonly from: number
}

/**
 * Requests that are over, as bytes, up to a bound: those that were ended first give way. It knows how far they have
 * been taken to be stored; what gives way before that is counted.
 */
export class RecordLog {
  readonly #segmentBytes: number
  #segments: Segment[] = []
  /** Of a segment that gave way: for the next one. */
  #spare: RecordRoom | null = null
  #bytes = 0
  #waiting = 0
  #overtaken = 0

  /** @param maxBytes of all segments; whoever appends keeps to it, by `dropOldest` */
  constructor(maxBytes: number) {
    this.#segmentBytes = Math.min(SEGMENT_BYTES, Math.max(LEAST_SEGMENT, Math.floor(maxBytes / SEGMENTS / 8) * 8))
  }

  /** Of all segments, used or not. */
  get bytes(): number {
    return this.#bytes
  }

  /** Records that have not been taken yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** Records that gave way before they were taken. */
  get overtaken(): number {
    return this.#overtaken
  }

  /** Returns the segment that the record is in now: at its `newest`. */
  append(source: RecordSource): Segment {
    const size = recordSize(source)
    let segment = this.#segments.at(-1)
    if (segment === undefined || segment.used + size > segment.size) segment = this.#begin(size)
    segment.newest = segment.used
    segment.used += writeRecord(segment.room, segment.used, source)
    segment.records++
    if (source.seq > segment.lastSeq) segment.lastSeq = source.seq
    this.#waiting++
    return segment
  }

  /** Lets the oldest segment go. Returns the highest number of a request in it; 0 when only the newest is left. */
  dropOldest(): number {
    const [oldest] = this.#segments
    if (oldest === undefined || this.#segments.length === 1) return 0
    this.#drop(oldest)
    return oldest.lastSeq
  }

  /** Lets segments go that hold no request from `seq` on, and nothing that has not been taken. */
  release(seq: number): void {
    for (;;) {
      const [oldest] = this.#segments
      if (oldest === undefined || this.#segments.length === 1) return
      if (oldest.lastSeq >= seq || oldest.taken < oldest.records) return
      this.#drop(oldest)
    }
  }

  /** A copy of the records that wait for the longest time, at most so many; null when none waits. */
  take(records: number): TakenRecords | null {
    const segment = this.#segments.find(({ taken, records }) => taken < records)
    if (segment === undefined) return null
    const from = segment.takenBytes
    let count = 0
    let end = from
    while (count < records && end < segment.used) {
      end += recordBytes(segment.room, end)
      count++
    }
    segment.taken += count
    segment.takenBytes = end
    this.#waiting -= count
    return { bytes: new Uint8Array(segment.room.bytes.subarray(from, end)), records: count, segment, from }
  }

  /** Nobody takes what waits: how many these were. */
  pass(): number {
    const passed = this.#waiting
    for (const segment of this.#segments) {
      segment.taken = segment.records
      segment.takenBytes = segment.used
    }
    this.#waiting = 0
    return passed
  }

  /** What was taken is on the disk. */
  stored({ segment, from, bytes }: TakenRecords): void {
    if (segment.gone) return
    for (let at = from; at < from + bytes.length; at += recordBytes(segment.room, at)) setArchived(segment.room, at)
  }

  clear(): void {
    for (const segment of this.#segments) segment.gone = true
    this.#segments = []
    this.#spare = null
    this.#bytes = 0
    this.#waiting = 0
    this.#overtaken = 0
  }

  #begin(size: number): Segment {
    const bytes = Math.max(this.#segmentBytes, Math.ceil(size / 8) * 8)
    let room = bytes === this.#segmentBytes ? this.#spare : null
    if (room === null) room = recordRoom(Buffer.allocUnsafeSlow(bytes))
    else this.#spare = null
    const segment = new Segment(room)
    this.#segments.push(segment)
    this.#bytes += segment.size
    return segment
  }

  #drop(segment: Segment): void {
    this.#segments.shift()
    this.#bytes -= segment.size
    const left = segment.records - segment.taken
    this.#waiting -= left
    this.#overtaken += left
    segment.taken = segment.records
    segment.gone = true
    if (segment.size === this.#segmentBytes) this.#spare = segment.room
  }
}
