import { serveStore } from '../storage/traffic/serve-store.ts'
import { readBatch } from './written-exchange.ts'

serveStore(readBatch)
