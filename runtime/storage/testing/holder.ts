import { lockConfigFolder } from '../lock.ts'

/** A process that holds the lock until it is killed, for tests: `node holder.js <file>`. */
const file = process.argv[2]
if (file === undefined) throw new Error('Which file?')
lockConfigFolder(file)
process.stdout.write('held\n')
setInterval(() => undefined, 1000)
