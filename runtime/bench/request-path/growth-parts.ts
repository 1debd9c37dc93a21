/** What growth.mjs fills a host's files with, as one module: loaded apart, the parts would not know each other's classes. */
export { systemClock } from '../../core/clock.ts'
export { hostPaths } from '../../core/host-paths.ts'
export { newKey, newToken, systemRandom, tokenHash } from '../../core/ids.ts'
export { openStorage } from '../../storage/open.ts'
export { TrafficStore } from '../../storage/traffic/traffic-store.ts'
