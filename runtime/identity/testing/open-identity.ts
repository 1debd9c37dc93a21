import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditLog } from '../../audit/audit-log.ts'
import { systemRandom } from '../../core/ids.ts'
import { silentLogger } from '../../core/logger.ts'
import { openStorage } from '../../storage/open.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import { Identity } from '../identity.ts'
import type { PasswordCost } from '../passwords.ts'
import type { SessionsEnded } from '../sessions.ts'

/** The least that argon2 takes: for tests that are not about the cost. */
export const CHEAP: PasswordCost = { memoryCost: 1024, timeCost: 1, parallelism: 1 }

export const PASSWORD = 'correct horse battery'

/** A real identity on a real database in a temporary folder. */
export function openIdentity(passwordCost: PasswordCost = CHEAP) {
  const folder = mkdtempSync(join(tmpdir(), 'atek-identity-'))
  const clock = new ManualClock()
  const ended: SessionsEnded[] = []
  const start = () => {
    const storage = openStorage(join(folder, 'atek.db'), { clock })
    const audit = new AuditLog({ storage, clock })
    const deps = { storage, audit, clock, random: systemRandom, logger: silentLogger, passwordCost }
    const identity = new Identity(deps)
    identity.ended.on((event) => ended.push(event))
    return { storage, audit, identity }
  }
  const now = start()
  return {
    ...now,
    clock,
    /** What `identity.ended` has said so far. */
    ended,
    /** Closes and opens again, as a restart of the host does. */
    restart() {
      this.storage.close()
      Object.assign(this, start())
    },
    signIn(username: string, password = PASSWORD, address = '127.0.0.1') {
      return this.identity.signIn({ username, password, address, client: 'Firefox on Linux', kind: 'browser' })
    },
    actions() {
      return this.storage.audit.list({ limit: 1000 }).map((row) => row.action)
    },
    /** Whether the text is anywhere in the database's files, as they are on the disk now. */
    onDisk(text: string) {
      return readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text))
    },
    close() {
      this.storage.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type TestIdentity = ReturnType<typeof openIdentity>
