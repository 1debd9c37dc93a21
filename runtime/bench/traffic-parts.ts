/** What traffic.mjs measures, for `runnerImport`. */
export { parseFilter } from '../contract/filter/parse.ts'
export { systemClock } from '../core/clock.ts'
export { silentLogger } from '../core/logger.ts'
export { storedExchange } from '../storage/traffic/testing/exchanges.ts'
export { TrafficStore } from '../storage/traffic/traffic-store.ts'
export { driveTraffic } from '../testing/drive-traffic.ts'
export { openTrafficLog } from '../traffic/open-traffic-log.ts'
