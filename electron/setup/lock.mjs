/** One set-up at a time: two `npm start` at once must not build into the same folder. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { cacheFolder, inCache } from './folders.mjs'
import { SetupError, say } from './report.mjs'

const POLL_MS = 300
/** Longer than the slowest whole set-up on two cores; what waits longer is told how to go on. */
const GIVE_UP_MS = 30 * 60_000

let held = false

/**
 * Runs `work` while no other process does set-up on this machine. Nested calls run at once.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function exclusively(work) {
  if (held) return work()
  const file = inCache('setup.lock')
  await mkdir(cacheFolder, { recursive: true })
  await acquire(file)
  held = true
  try {
    return await work()
  } finally {
    held = false
    await rm(file, { force: true })
  }
}

/** @param {string} file */
async function acquire(file) {
  const until = Date.now() + GIVE_UP_MS
  let told = false
  for (;;) {
    try {
      // 'wx' fails when the file is there: creating it is the atomic step.
      await writeFile(file, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
    const owner = await ownerOf(file)
    if (owner !== null && !isAlive(owner)) {
      await rm(file, { force: true })
      continue
    }
    if (Date.now() > until) {
      throw new SetupError(`Another set-up has been running for half an hour. If there is none, delete ${file}.`)
    }
    if (!told) say(`Another set-up is running${owner ? ` (process ${owner})` : ''}; waiting for it.`)
    told = true
    await delay(POLL_MS)
  }
}

/**
 * The process that holds the lock; null while it is not written yet, or already gone.
 * @param {string} file
 */
async function ownerOf(file) {
  const text = await readFile(file, 'utf8').catch(() => '')
  const pid = Number(text)
  return Number.isSafeInteger(pid) && pid > 0 ? pid : null
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, but is somebody else's.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
