/** Chromium's sandbox on Linux: off for root, who cannot have it; explained where the system forbids it. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupError } from './report.mjs'

/**
 * @param {{ folder: string }} electron
 * @returns {Promise<string[]>} What Electron has to be started with.
 */
export async function sandboxArguments(electron) {
  if (process.platform !== 'linux') return []
  if (process.getuid?.() === 0) return ['--no-sandbox']
  if ((await userNamespacesAllowed()) || (await helperInstalled(electron))) return []
  const helper = join(electron.folder, 'chrome-sandbox')
  throw new SetupError(
    "This system keeps programs from making user namespaces, so Chromium's sandbox needs its helper installed:",
    {
      command: `sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`,
    },
  )
}

async function userNamespacesAllowed() {
  const [apparmor, debian] = await Promise.all([
    setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
    setting('/proc/sys/kernel/unprivileged_userns_clone'),
  ])
  return apparmor !== '1' && debian !== '0'
}

/** @param {string} file */
async function setting(file) {
  return (await readFile(file, 'utf8').catch(() => '')).trim()
}

/** @param {{ folder: string }} electron */
async function helperInstalled(electron) {
  const helper = await stat(join(electron.folder, 'chrome-sandbox')).catch(() => null)
  return helper !== null && helper.uid === 0 && (helper.mode & 0o4000) !== 0
}
