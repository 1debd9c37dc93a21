import { serveStore } from '../traffic/serve-store.ts'

/** A thread for tests of the archive: batches are JSON of what is stored. */
serveStore((batch) => JSON.parse(String(batch)))
