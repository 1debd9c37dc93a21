/** The browser of the end to end tests: the one of this machine, whatever it is called there. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** @returns {string | null} The path of a Chromium or Chrome. `ATEK_CHROMIUM` names another one. */
export function findChromium() {
  const chosen = process.env.ATEK_CHROMIUM
  if (chosen) return chosen
  for (const name of NAMES) {
    const path = findCommand(name)
    if (path !== null) return path
  }
  return ELSEWHERE.find(isExecutable) ?? null
}

/**
 * @param {string} name
 * @returns {string | null} Where the PATH has it.
 */
export function findCommand(name) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
