import { openTrafficArchive } from '../traffic/archive.ts'
import { storedExchange } from '../traffic/testing/exchanges.ts'

/** A process that stores batches until it is killed, and says after each one how many rows there are. */
const [, , file, workerFile] = process.argv
if (file === undefined) throw new Error('Which file?')

const { archive, lastSeq } = await openTrafficArchive(file, {
  workerFile: workerFile ?? null,
  read: (batch) => JSON.parse(String(batch)),
  now: () => performance.now(),
  failed: (error) => {
    throw error
  },
})
for (let seq = lastSeq; ; seq += 100) {
  await archive.call(
    'insert',
    JSON.stringify(Array.from({ length: 100 }, (_, i) => storedExchange({ seq: seq + i + 1 }))),
  )
  process.stdout.write(`${seq + 100}\n`)
}
