import { z } from 'zod'
import { systemClock } from '../../core/clock.ts'
import { openStorage } from '../open.ts'

/**
 * A process that writes without end, for tests that kill it: `node writer.js <file>`. Each round is one transaction
 * of a counter and an audit row; the number is printed once it is committed.
 */
const file = process.argv[2]
if (file === undefined) throw new Error('Which database?')
const storage = openStorage(file, { clock: systemClock })
for (let n = (storage.settings.get('n', z.number()) ?? 0) + 1; ; n++) {
  storage.transaction(() => {
    storage.settings.set('n', n)
    storage.audit.insert({ at: n, action: 'test', actor: 'system', subject: null, outcome: 'ok', details: { n } })
  })
  process.stdout.write(`${n}\n`)
}
