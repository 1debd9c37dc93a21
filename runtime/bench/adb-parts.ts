/** What adb.mjs measures, as one module: loaded apart, the parts would not know each other's classes. */
export { AuditLog } from '../audit/audit-log.ts'
export { systemClock } from '../core/clock.ts'
export { systemRandom } from '../core/ids.ts'
export { adbApi } from '../gateway/built-in/adb-api.ts'
export { openStorage } from '../storage/open.ts'
