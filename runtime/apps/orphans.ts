import { LIMITS } from '../contract/limits.ts'
import { type Clock, delay } from '../core/clock.ts'
import type { HostPaths } from '../core/host-paths.ts'
import type { Logger } from '../core/logger.ts'
import { keepAlive } from './process/keep-alive.ts'
import { signalProcess } from './process/kill.ts'
import type { ProcessFiles } from './process/processes-file.ts'
import { killMarked, MARKERS, markedProcesses } from './process/sweeper.ts'

interface OrphanDeps {
  paths: HostPaths
  clock: Clock
  logger: Logger
  processes: ProcessFiles
}

/**
 * Ends what a killed host left running: apps and installation scripts of this very config folder, with everything
 * that they have started. Apps are asked first, so that they can save what they hold; 5 s later they are killed.
 */
export async function endOrphans({ paths, clock, logger, processes }: OrphanDeps): Promise<void> {
  const marks = [`${MARKERS.app}=${paths.sockets}/`, `${MARKERS.script}=${paths.staging}/`]
  const matches = (entry: string) => marks.some((mark) => entry.startsWith(mark))

  const found = await markedProcesses(matches)
  if (found.length > 0) {
    logger.warn('ending processes that an earlier host left', { processes: found })
    for (const pid of found) signalProcess(pid, 'SIGTERM')
    const end = clock.monotonic() + LIMITS.appStopTimeout
    while (clock.monotonic() < end && (await markedProcesses(matches)).length > 0)
      await keepAlive(() => delay(clock, 50))
    await killMarked(matches)
  }
  const ended = await processes.endAll()
  if (ended.length > 0) logger.warn('ended processes that an earlier host left', { processes: ended })
}
