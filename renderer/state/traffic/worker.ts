import type { TrafficBatch } from '../../../electron/ipc/contract.ts'
import type { FromTrafficWorker, ToTrafficWorker, TrafficWindow } from './messages.ts'
import { TrafficTable } from './table.ts'

/** The next picture of what came in may come this long after the one before, in milliseconds. */
const FRAME_EVERY = 100
const SEEN_EVERY = 1000

const table = new TrafficTable(() => performance.now())
let looked: TrafficWindow = { follow: true, first: 0, count: 0, anchor: null, seen: 0, selected: null }
let drawn = true
let changed = false
let sentAt = Number.NEGATIVE_INFINITY
let seenAt = Number.NEGATIVE_INFINITY
let timer: ReturnType<typeof setTimeout> | null = null

self.onmessage = ({ data }: MessageEvent<ToTrafficWorker>) => {
  switch (data.type) {
    case 'batch':
      // Rows come by the thousand; they are drawn when their time has come.
      table.addBatch(JSON.parse(data.text) as TrafficBatch)
      changed = true
      schedule()
      return
    case 'drawn':
      drawn = true
      if (changed) schedule()
      return
    case 'move': {
      const moved = table.move(data.from, data.by)
      if (moved !== null) post({ type: 'moved', ...moved })
      return
    }
    case 'view':
      table.setView(data.generation, data.view)
      break
    case 'window':
      looked = data.window
      break
    case 'newest':
      table.addNewest(data.rows, data.next)
      break
    case 'older':
      table.addFound(data.generation, data.rows, { next: data.next })
      break
    case 'newer':
      table.addFound(data.generation, data.rows, null)
      break
    case 'pause':
      table.pause(data.paused)
  }
  // What the person did is answered at once.
  send()
}

function schedule(): void {
  if (!drawn || timer !== null) return
  timer = setTimeout(send, Math.max(0, sentAt + FRAME_EVERY - performance.now()))
}

function send(): void {
  if (timer !== null) clearTimeout(timer)
  timer = null
  changed = false
  drawn = false
  sentAt = performance.now()
  post({ type: 'frame', frame: table.frame(looked) })
  if (sentAt - seenAt < SEEN_EVERY) return
  const seen = table.seenNews()
  if (seen === null) return
  seenAt = sentAt
  post({ type: 'seen', seen })
}

function post(message: FromTrafficWorker): void {
  self.postMessage(message)
}
