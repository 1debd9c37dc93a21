/** One set-up at a time: two `npm start` at once must not build into the same folder. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cacheFolder, inCache } from './folders.mjs'
import { SetupError, say } from './report.mjs'

const POLL_MS = 300
/** Longer than the slowest whole set-up on two cores; what waits longer is told how to go on. */
const GIVE_UP_MS = 30 * 60_000
/** It is held for a few file operations; older ones are of a process that was killed in between. */
const GUARD_LIMIT_MS = 10_000

const workFolder = inCache('work')

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
    // What a killed set-up left behind.
    await rm(workFolder, { recursive: true, force: true })
    return await work()
  } finally {
    held = false
    await rm(file, { force: true })
  }
}

/**
 * A new folder for unfinished things. Only for the holder of the lock.
 * @param {string} purpose
 */
export async function temporaryFolder(purpose) {
  await mkdir(workFolder, { recursive: true })
  return mkdtemp(join(workFolder, `${purpose}-`))
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
    if (owner !== null && !isAlive(owner) && (await breakLock(file))) continue
    if (Date.now() > until) {
      throw new SetupError(`Another set-up has been running for half an hour. If there is none, delete ${file}.`)
    }
    if (!told) say(`Another set-up is running${owner ? ` (process ${owner})` : ''}; waiting for it.`)
    told = true
    await delay(POLL_MS)
  }
}

/**
 * Removes the lock of a process that is gone. Only one may do so at a time: another one's late removal would hit the
 * lock that somebody has taken since.
 * @param {string} file
 */
async function breakLock(file) {
  const guard = `${file}.break`
  try {
    await writeFile(guard, '', { flag: 'wx' })
  } catch {
    const age =
      Date.now() -
      (await stat(guard).then(
        (s) => s.mtimeMs,
        () => Date.now(),
      ))
    if (age > GUARD_LIMIT_MS) await rm(guard, { force: true })
    return false
  }
  try {
    const owner = await ownerOf(file)
    if (owner !== null && !isAlive(owner)) await rm(file, { force: true })
    return true
  } finally {
    await rm(guard, { force: true })
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
