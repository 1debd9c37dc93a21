import type { SeenValues } from '../../../runtime/contract/filter/complete.ts'
import { looksAtHeaders } from '../../../runtime/contract/filter/evaluate.ts'
import { printFilter } from '../../../runtime/contract/filter/print.ts'
import type { TrafficSearchPage } from '../../../runtime/contract/traffic.ts'
import { control, desktop, toCallError } from '../../api.ts'
import { createStore, type Store } from '../store.ts'
import type { FromTrafficWorker, ToTrafficWorker, TrafficFrame, TrafficView, TrafficWindow } from './messages.ts'
import { onTrafficWaiting } from './waiting.ts'

/** Rows are taken from the main process at most this often, in milliseconds. */
const TAKE_EVERY = 100
/** Where the host judges a filter, it is asked this often for what is new. */
const FOLLOW_EVERY = 500
/** … for so many pages at most: more rows in that time are more than anybody sees, and they are in the record. */
const FOLLOW_PAGES = 10
/** … and for so many again of those that it had been asked for. */
const OVERLAP = 200
/** Pages cross the bridge to the page row by row, so they are small. */
const PAGE = 500
/** Rows that are there at once when the screen is opened. */
const FIRST_PAGES = 4
/** A view with fewer rows looks for older ones by itself … */
const ENOUGH = 100
/** … this many searches long; then the person says whether it goes on. */
const SEARCHES = 5

export interface LiveTraffic {
  /** null until the first picture came. */
  frame: TrafficFrame | null
  seen: SeenValues
  /** Older rows are on their way. */
  searching: boolean
  /** A search looked back as far as it might and found too little: there is more. */
  canSearchOlder: boolean
  error: unknown
}

const NOTHING_SEEN: SeenValues = { apps: [], users: [], methods: [], statuses: [], headers: [] }

/**
 * The window's end of the live view: takes rows from the main process as text and hands them to the worker, asks the
 * host for older ones, and holds the last picture that the worker made. Nothing here looks at a row.
 */
export class TrafficClient {
  readonly store: Store<LiveTraffic> = createStore<LiveTraffic>({
    frame: null,
    seen: NOTHING_SEEN,
    searching: false,
    canSearchOlder: false,
    error: null,
  })
  readonly #worker: Worker
  readonly #stop: () => void
  #view: TrafficView = { node: null, appKey: null, from: 0, byHost: false }
  #generation = 0
  #window: TrafficWindow = { follow: true, first: 0, count: 60, anchor: null, seen: 0, selected: null }
  #taking = false
  #takeAgain = false
  #takenAt = Number.NEGATIVE_INFINITY
  #older: Promise<void> | null = null
  #searches = 0
  #following: ReturnType<typeof setInterval> | null = null
  #followedTo = 0
  #asking = false
  #disposed = false

  constructor(view: TrafficView) {
    // Vite finds the worker by this expression, so it stands here as it is.
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    this.#worker.onmessage = ({ data }: MessageEvent<FromTrafficWorker>) => this.#receive(data)
    this.#stop = onTrafficWaiting(() => this.#take())
    this.setView(view)
    this.#open().catch((error: unknown) => this.#fail(error))
  }

  /** Called with every change of a row that the keyboard moved to. */
  moved: (seq: number, index: number) => void = () => {}

  setView(view: Omit<TrafficView, 'byHost'>): void {
    this.#view = { ...view, byHost: looksAtHeaders(view.node) }
    this.#generation += 1
    this.#older = null
    this.#searches = 0
    this.#followedTo = 0
    this.store.set({ ...this.store.get(), searching: false, canSearchOlder: false, error: null })
    this.#post({ type: 'view', generation: this.#generation, view: this.#view })
    if (this.#following !== null) clearInterval(this.#following)
    this.#following = this.#view.byHost ? setInterval(() => void this.#follow(), FOLLOW_EVERY) : null
  }

  look(window: Partial<TrafficWindow>): void {
    this.#window = { ...this.#window, ...window }
    this.#post({ type: 'window', window: this.#window })
  }

  move(from: number | null, by: number | 'first' | 'last'): void {
    this.#post({ type: 'move', from, by })
  }

  pause(paused: boolean): void {
    this.#post({ type: 'pause', paused })
  }

  /** The last picture is on the screen. */
  drawn(): void {
    this.#post({ type: 'drawn' })
  }

  /** One more page of older rows, because the person scrolled there or asked for it. */
  searchOlder(): void {
    this.#searches = 0
    this.#searchOlder()
  }

  dispose(): void {
    this.#disposed = true
    this.#stop()
    if (this.#following !== null) clearInterval(this.#following)
    this.#worker.terminate()
    desktop('panel.takeTraffic', { watch: false }).catch(() => undefined)
  }

  async #open(): Promise<void> {
    // First the new ones are gathered, then the older ones read: in between nothing is missed.
    await this.#takeNow()
    let before: number | undefined
    for (let page = 0; page < FIRST_PAGES && !this.#disposed; page += 1) {
      const { rows, next } = await control('traffic.search', { limit: PAGE, ...(before !== undefined && { before }) })
      if (this.#disposed) return
      this.#post({ type: 'newest', rows, next })
      if (next === null) return
      before = next
    }
  }

  #receive(message: FromTrafficWorker): void {
    if (this.#disposed) return
    const state = this.store.get()
    if (message.type === 'frame') {
      this.store.set({ ...state, frame: message.frame })
      if (message.frame.generation === this.#generation && message.frame.total < ENOUGH) this.#searchOlder()
    } else if (message.type === 'seen') this.store.set({ ...state, seen: message.seen })
    else this.moved(message.seq, message.index)
  }

  #searchOlder(): void {
    const frame = this.store.get().frame
    if (this.#older !== null || frame === null || frame.generation !== this.#generation) return
    if (frame.before === null) {
      if (this.store.get().canSearchOlder) this.#patch({ canSearchOlder: false })
      return
    }
    if (this.#searches >= SEARCHES) {
      if (!this.store.get().canSearchOlder) this.#patch({ canSearchOlder: true })
      return
    }
    this.#searches += 1
    this.#patch({ searching: true, canSearchOlder: false, error: null })
    const generation = this.#generation
    const { newest } = frame
    const search = this.#search(frame.before, null).then(
      (page) => {
        if (generation !== this.#generation) return
        this.#older = null
        this.#patch({ searching: false })
        // The first one begins at the newest, from where it is followed.
        if (this.#followedTo === 0) this.#followedTo = Math.max(newest, page.rows.at(-1)?.seq ?? 0)
        this.#post({ type: 'older', generation, rows: page.rows, next: page.next })
      },
      (error: unknown) => {
        if (generation !== this.#generation) return
        // Not again by itself: the error stays until the person tries or the filter changes.
        this.#searches = SEARCHES
        this.#older = null
        this.#patch({ searching: false, canSearchOlder: true, error: toCallError(error) })
      },
    )
    this.#older = search
  }

  /** What is new of a filter that only the host can judge. */
  async #follow(): Promise<void> {
    const frame = this.store.get().frame
    if (this.#asking || this.#older !== null || frame === null || frame.generation !== this.#generation) return
    const { generation, newest } = frame
    // Requests that were open then may match by now.
    const after = Math.max(0, this.#followedTo - OVERLAP)
    this.#asking = true
    try {
      let reached = newest
      let before: number | null = null
      // From the newest back to what was asked for already: one page may not hold all that came meanwhile.
      for (let page = 0; page < FOLLOW_PAGES; page += 1) {
        const { rows, next }: TrafficSearchPage = await this.#search(before, after)
        if (this.#disposed || generation !== this.#generation) return
        reached = Math.max(reached, rows.at(-1)?.seq ?? 0)
        if (rows.length > 0) this.#post({ type: 'newer', generation, rows })
        if (next === null || next <= after + 1) break
        // It ended at its time limit: the same is asked again the next time.
        if (rows.length < PAGE) return
        before = next
      }
      this.#followedTo = Math.max(this.#followedTo, reached)
    } catch (error) {
      if (generation === this.#generation) this.#fail(error)
    } finally {
      this.#asking = false
    }
  }

  #search(before: number | null, after: number | null): Promise<TrafficSearchPage> {
    const { node, appKey } = this.#view
    return control('traffic.search', {
      filter: node === null ? '' : printFilter(node),
      limit: PAGE,
      ...(before !== null && before < Number.MAX_SAFE_INTEGER && { before }),
      ...(after !== null && { after }),
      ...(appKey !== null && { appKey }),
    })
  }

  /** At most one taking at a time, and at most one each TAKE_EVERY. */
  #take(): void {
    if (this.#taking) {
      this.#takeAgain = true
      return
    }
    this.#taking = true
    setTimeout(
      () => void this.#takeNow().catch((error: unknown) => this.#fail(error)),
      Math.max(0, this.#takenAt + TAKE_EVERY - performance.now()),
    )
  }

  async #takeNow(): Promise<void> {
    this.#taking = true
    this.#takenAt = performance.now()
    try {
      const text = await desktop('panel.takeTraffic', { watch: !this.#disposed })
      if (text !== '' && !this.#disposed) this.#post({ type: 'batch', text })
    } finally {
      this.#taking = false
    }
    if (!this.#takeAgain) return
    this.#takeAgain = false
    this.#take()
  }

  #fail(error: unknown): void {
    if (!this.#disposed) this.#patch({ error: toCallError(error) })
  }

  #patch(part: Partial<LiveTraffic>): void {
    this.store.set({ ...this.store.get(), ...part })
  }

  #post(message: ToTrafficWorker): void {
    this.#worker.postMessage(message)
  }
}
