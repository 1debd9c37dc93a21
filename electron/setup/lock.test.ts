import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { inProject } from './folders.mjs'

let folder: string
const children: ChildProcess[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atek-lock-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

test('two set-ups at once do their work one after the other', async () => {
  await Promise.all([worker('a').ended, worker('b').ended])
  const [first, ...rest] = (await journal()).map((line) => line.slice(2))
  expect([first, ...rest]).toEqual(['in', 'out', 'in', 'out'])
})

test('the lock of a killed set-up is taken over', async () => {
  const killed = worker('killed', 'forever')
  await vi.waitFor(async () => expect(await journal()).toEqual(['killed in']))
  killed.child.kill('SIGKILL')
  await killed.ended
  await worker('next').ended
  expect(await journal()).toEqual(['killed in', 'next in', 'next out'])
})

/** A process that writes down when it is inside. */
function worker(name: string, stay = ''): { child: ChildProcess; ended: Promise<unknown> } {
  const script = `
    import { appendFileSync } from 'node:fs'
    import { setTimeout as delay } from 'node:timers/promises'
    import { exclusively } from ${JSON.stringify(inProject('electron', 'setup', 'lock.mjs'))}
    const note = (what) => appendFileSync(${JSON.stringify(join(folder, 'journal'))}, ${JSON.stringify(name)} + ' ' + what + '\\n')
    await exclusively(async () => {
      note('in')
      await delay(${stay === 'forever' ? 600_000 : 300})
      note('out')
    })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, XDG_CACHE_HOME: folder },
    stdio: 'ignore',
  })
  children.push(child)
  return { child, ended: once(child, 'exit') }
}

async function journal(): Promise<string[]> {
  const text = await readFile(join(folder, 'journal'), 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}
