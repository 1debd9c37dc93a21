import { resolve } from 'node:path'
import { main } from '../../cli/main.ts'

// Until it ends: what the host loads later is only found while this module is being loaded.
process.exitCode = await main(process.argv.slice(2), process, resolve(import.meta.dirname, '../../../resources'))
