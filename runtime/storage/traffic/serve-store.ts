import { parentPort, workerData } from 'node:worker_threads'
import { toErrorData } from '../../contract/errors.ts'
import { systemClock } from '../../core/clock.ts'
import { type AnswerMessage, type CallMessage, type ReadBatch, storeCalls } from './store-calls.ts'
import { TrafficStore } from './traffic-store.ts'

/** The store in a thread of its own, so that neither a batch nor a search ever holds up a request. For its entry. */
export function serveStore(read: ReadBatch): void {
  const port = parentPort
  if (port === null) throw new Error('This file is for a worker thread.')
  const { file } = workerData as { file: string }
  const calls = storeCalls(new TrafficStore(file, () => systemClock.monotonic()), read)
  port.on('message', ({ id, call, input }: CallMessage) => {
    let answer: AnswerMessage
    try {
      answer = { id, value: (calls[call] as (...input: unknown[]) => unknown)(...input) }
    } catch (error) {
      const { code, message } = toErrorData(error)
      answer = { id, error: { code, message: code === 'INTERNAL' ? String(error) : message } }
    }
    port.postMessage(answer)
  })
}
