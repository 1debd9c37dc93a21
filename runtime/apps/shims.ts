import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeRuntime } from './types.ts'

/** Puts a `node` into the folder that is the host's own. */
export async function writeNodeShim(folder: string, node: NodeRuntime): Promise<void> {
  await mkdir(folder, { recursive: true })
  const env = Object.entries(node.env)
  if (process.platform === 'win32') {
    const set = env.map(([name, value]) => `@set "${name}=${value}"\r\n`).join('')
    await writeFile(join(folder, 'node.cmd'), `${set}@"${node.execPath}" %*\r\n`)
    return
  }
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const set = env.map(([name, value]) => `${name}=${quote(value)} `).join('')
  await writeFile(join(folder, 'node'), `#!/bin/sh\n${set}exec ${quote(node.execPath)} "$@"\n`, { mode: 0o755 })
}

/**
 * An `npm` that runs scripts of the package that it is called in, and nothing else: `npm run build` is often made of
 * others (`npm run compile && npm run copy`). Packages are fetched by the host alone.
 */
export async function writeNpmShim(folder: string): Promise<void> {
  const file = join(folder, 'npm-run.cjs')
  await writeFile(file, NPM_RUN)
  if (process.platform === 'win32') return writeFile(join(folder, 'npm.cmd'), '@node "%~dp0npm-run.cjs" %*\r\n')
  await writeFile(join(folder, 'npm'), '#!/bin/sh\nexec node "$(dirname "$0")/npm-run.cjs" "$@"\n', { mode: 0o755 })
}

/** A program of its own: it is run by the scripts' shell. */
const NPM_RUN = `'use strict'
const { spawnSync } = require('node:child_process')
const { readFileSync } = require('node:fs')
const { delimiter, join } = require('node:path')

const given = process.argv.slice(2)
const end = given.indexOf('--')
const extra = end === -1 ? [] : given.slice(end + 1)
const words = (end === -1 ? given : given.slice(0, end)).filter((word) => !word.startsWith('-'))
const [command, name] = ['test', 'start'].includes(words[0]) ? ['run', words[0]] : words
if (!['run', 'run-script', 'rum', 'urn'].includes(command) || name === undefined) {
  console.error('Here npm can only run scripts of this package: npm run <name>.')
  process.exit(1)
}
const { scripts = {} } = JSON.parse(readFileSync('package.json', 'utf8'))
if (typeof scripts[name] !== 'string') {
  console.error('package.json has no script named ' + name + '.')
  process.exit(given.includes('--if-present') ? 0 : 1)
}
const windows = process.platform === 'win32'
const quoted = extra.map((word) => (windows ? JSON.stringify(word) : "'" + word.replaceAll("'", "'\\\\''") + "'"))
const env = { ...process.env, PATH: join(process.cwd(), 'node_modules', '.bin') + delimiter + process.env.PATH }
for (const event of ['pre' + name, name, 'post' + name]) {
  if (typeof scripts[event] !== 'string') continue
  const line = event === name ? [scripts[event], ...quoted].join(' ') : scripts[event]
  env.npm_lifecycle_event = event
  env.npm_lifecycle_script = line
  const { status } = windows
    ? spawnSync('cmd', ['/d', '/s', '/c', line], { stdio: 'inherit', env, windowsVerbatimArguments: true })
    : spawnSync('sh', ['-c', line], { stdio: 'inherit', env })
  if (status !== 0) process.exit(status === null ? 1 : status)
}
`
