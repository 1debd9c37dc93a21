import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import { openTrafficArchive } from '../storage/traffic/archive.ts'
import { TrafficLog, type TrafficLogDeps } from './traffic-log.ts'
import { readBatch } from './written-exchange.ts'

/**
 * The record of requests with its file. That file is of less worth than the host: when it cannot be used at all, requests
 * are kept in memory only, and the log and `counts` say so.
 * @param workerFile the built thread that stores; null to do it in this one
 */
export async function openTrafficLog(
  deps: Omit<TrafficLogDeps, 'archive' | 'lastSeq'> & {
    clock: Clock
    logger: Logger
    file: string
    workerFile: string | null
  },
): Promise<TrafficLog> {
  const { file, workerFile, ...rest } = deps
  const { clock, logger } = rest
  try {
    const { archive, lastSeq, setAside } = await openTrafficArchive(file, {
      workerFile,
      read: readBatch,
      now: () => clock.monotonic(),
      failed: (error) => logger.warn('requests are stored in the host’s own thread', { error }),
    })
    if (setAside !== null) logger.warn(setAside)
    const log = new TrafficLog({ ...rest, archive, lastSeq })
    await log.resume()
    return log
  } catch (error) {
    logger.error('requests are not stored', { error })
    return new TrafficLog({ ...rest, archive: null })
  }
}
