import type { Clock } from '../core/clock.ts'
import type { HostPaths } from '../core/host-paths.ts'
import type { Logger } from '../core/logger.ts'

/** Ends the processes that a killed host left. */
export async function endOrphans(_deps: { paths: HostPaths; clock: Clock; logger: Logger }): Promise<void> {}
