import { randomUUID } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'

const FOLDER = process.env.ATEK_APP_DATA_DIR
const MOST_NOTES = 1000

/** What waits for what: changes of one user's file happen one after the other. */
const queues = new Map()

/** One file a user. The key comes from the host; it is checked all the same, because it becomes a file name. */
function fileOf(user) {
  if (!/^[0-9a-f]{32}$|^system$/.test(user)) throw new Error('This is not a user key.')
  return join(FOLDER, `${user}.json`)
}

/** Notes of a user, latest change first: {id, title, text, changedAt}. */
export async function list(user) {
  const text = await readFile(fileOf(user), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return '[]'
    throw error
  })
  return JSON.parse(text)
}

/** Written beside and renamed: after a power cut there is the old file or the new one, never half of one. */
async function write(user, notes) {
  const file = fileOf(user)
  const handle = await open(`${file}.new`, 'w', 0o600)
  try {
    await handle.writeFile(JSON.stringify(notes, null, 2))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.new`, file)
}

function change(user, edit) {
  const done = (queues.get(user) ?? Promise.resolve()).then(async () => {
    const { notes, result } = edit(await list(user))
    await write(user, notes)
    return result
  })
  const settled = done.catch(() => {}).then(() => queues.get(user) === settled && queues.delete(user))
  queues.set(user, settled)
  return done
}

/** Saves a note, a new one when there is none with this id; gives its id, or null when there are too many. */
export function save(user, { id, title, text }) {
  return change(user, (notes) => {
    const others = notes.filter((note) => note.id !== id)
    const isNew = others.length === notes.length
    if (isNew && notes.length >= MOST_NOTES) return { notes, result: null }
    const note = { id: isNew ? randomUUID() : id, title, text, changedAt: Date.now() }
    return { notes: [note, ...others], result: note.id }
  })
}

export function remove(user, id) {
  return change(user, (notes) => ({ notes: notes.filter((note) => note.id !== id), result: null }))
}
