/**
 * Stands in for the `default_app.asar` that Electron ships for development and that the fallback distribution lacks:
 * makes `electron [-r MODULE]… FOLDER` start the app in that folder. Never part of the packaged app.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app as publicApp } from 'electron'

/** Two methods that Electron keeps for its own development app. */
const app =
  /** @type {import('electron').App & { setVersion(version: string): void, setAppPath(path: string): void }} */ (
    publicApp
  )

/** @type {string[]} */
const preloads = []
let folder = null
const args = process.argv.slice(1)
for (let i = 0; i < args.length && folder === null; i++) {
  const arg = args[i] ?? ''
  if (arg === '-r' || arg === '--require') preloads.push(args[++i] ?? '')
  else if (!arg.startsWith('-')) folder = resolve(arg)
}

if (folder === null) {
  console.error('Name the folder of the app to start.')
  app.exit(1)
} else {
  const require = createRequire(join(folder, 'package.json'))
  // Before the app's own code, as Electron does it: Playwright holds back `ready` with such a module.
  for (const module of preloads) require(module)
  try {
    const meta = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (typeof meta.version === 'string') app.setVersion(meta.version)
    const name = meta.productName ?? meta.name
    if (typeof name === 'string') app.setName(name)
    app.setDesktopName(meta.desktopName ?? `${app.getName()}.desktop`)
    app.setAppPath(folder)
    await import(pathToFileURL(join(folder, meta.main ?? 'index.js')).href)
  } catch (error) {
    console.error(`The app in ${folder} could not be started.`)
    console.error(error)
    app.exit(1)
  }
}
