import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FILE = join(process.env.ATEK_APP_DATA_DIR, 'messages.jsonl')
const MOST_KEPT = 200

function readLines() {
  try {
    return readFileSync(FILE, 'utf8').split('\n')
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}

function parse(line) {
  try {
    return [JSON.parse(line)]
  } catch {
    // The last line of an app that was stopped while it wrote.
    return []
  }
}

/** The latest messages, oldest first; they outlive the app's process. */
const messages = readLines().filter(Boolean).flatMap(parse).slice(-MOST_KEPT)

// Written anew at each start, so that the file cannot grow for ever, and beside, so that it cannot be lost.
writeFileSync(`${FILE}.new`, messages.map((message) => `${JSON.stringify(message)}\n`).join(''), { mode: 0o600 })
renameSync(`${FILE}.new`, FILE)

export function latest() {
  return messages
}

export function add(message) {
  messages.push(message)
  if (messages.length > MOST_KEPT) messages.shift()
  appendFileSync(FILE, `${JSON.stringify(message)}\n`)
}
