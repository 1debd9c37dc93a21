import { initial } from './0001-initial.ts'
import { adb } from './0002-adb.ts'
import { userSettings } from './0003-user-settings.ts'
import { apiTokens } from './0004-api-tokens.ts'
import { upstreams } from './0005-upstreams.ts'
import { traffic } from './0006-traffic.ts'

/** In order; the number of those applied is the database's `user_version`. Only ever appended to. */
export const MIGRATIONS: readonly string[] = [initial, adb, userSettings, apiTokens, upstreams, traffic]
