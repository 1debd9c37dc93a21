import { Worker } from 'node:worker_threads'
import { AppError, ERRORS, type ErrorCode } from '../../contract/errors.ts'
import {
  type AnswerMessage,
  type CallMessage,
  type ReadBatch,
  type StoreCall,
  type StoreCalls,
  storeCalls,
} from './store-calls.ts'
import { TrafficStore } from './traffic-store.ts'

type Input<C extends StoreCall> = Parameters<StoreCalls[C]>
type Output<C extends StoreCall> = ReturnType<StoreCalls[C]>

/** Requests on the disk, as the host uses them: every answer comes later, and nothing here takes the host's time. */
export interface TrafficArchive {
  /** Rejects with AppError: DISK_FULL, DATABASE_DAMAGED (a new file has been begun), INTERNAL. */
  call<C extends StoreCall>(call: C, ...input: Input<C>): Promise<Output<C>>
  /** What was called before is done first. */
  close(): Promise<void>
}

/**
 * Opens the store: in a thread of its own where `workerFile` (built, and calling serveStore) can be run, and else in
 * this one, which does the same and is held up by it.
 * @param read as the thread has it
 * @param now milliseconds of a clock that never goes back
 */
export async function openTrafficArchive(
  file: string,
  {
    workerFile,
    read,
    now,
    failed,
  }: { workerFile: string | null; read: ReadBatch; now: () => number; failed(error: unknown): void },
): Promise<{ archive: TrafficArchive; lastSeq: number; setAside: string | null }> {
  if (workerFile !== null) {
    const archive = new ThreadArchive(workerFile, file)
    try {
      return { archive, ...(await archive.call('opened')) }
    } catch (error) {
      failed(error)
      await archive.close()
    }
  }
  const archive = new OwnArchive(new TrafficStore(file, now), read)
  return { archive, ...(await archive.call('opened')) }
}

/** Nothing of a batch outlives it: more room for what is new would only be more memory. */
const YOUNG_MB = 8

class ThreadArchive implements TrafficArchive {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { done(value: unknown): void; failed(error: Error): void }>()
  #next = 1
  #gone: Error | null = null

  constructor(workerFile: string, file: string) {
    this.#worker = new Worker(workerFile, {
      workerData: { file },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    })
    this.#worker.unref()
    this.#worker.on('message', (answer: AnswerMessage) => this.#answered(answer))
    this.#worker.on('error', (error) => this.#ended(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', () => this.#ended(new Error('The thread that stores requests has ended.')))
  }

  call<C extends StoreCall>(call: C, ...input: Input<C>): Promise<Output<C>> {
    if (this.#gone !== null) return Promise.reject(this.#gone)
    return new Promise<Output<C>>((done, failed) => {
      const id = this.#next++
      // What is waited for keeps the process alive, and nothing else of this.
      if (this.#waiting.size === 0) this.#worker.ref()
      this.#waiting.set(id, { done: done as (value: unknown) => void, failed })
      const message: CallMessage = { id, call, input }
      this.#worker.postMessage(message)
    })
  }

  async close(): Promise<void> {
    if (this.#gone === null) await this.call('close').catch(() => {})
    await this.#worker.terminate()
  }

  #answered(answer: AnswerMessage): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (this.#waiting.size === 0) this.#worker.unref()
    if ('error' in answer) waiting?.failed(toError(answer.error))
    else waiting?.done(answer.value)
  }

  #ended(error: Error): void {
    this.#gone ??= error
    for (const { failed } of this.#waiting.values()) failed(this.#gone)
    this.#waiting.clear()
  }
}

class OwnArchive implements TrafficArchive {
  readonly #calls: StoreCalls

  constructor(store: TrafficStore, read: ReadBatch) {
    this.#calls = storeCalls(store, read)
  }

  async call<C extends StoreCall>(call: C, ...input: Input<C>): Promise<Output<C>> {
    const work = this.#calls[call] as (...input: Input<C>) => Output<C>
    return work(...input)
  }

  async close(): Promise<void> {
    this.#calls.close()
  }
}

function toError({ code, message }: { code: string; message: string }): AppError {
  return new AppError(Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'INTERNAL', message)
}
