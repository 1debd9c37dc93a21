import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { environmentOf } from './proc-fs.ts'

const linux = process.platform === 'linux'

test.runIf(linux)('A45: a process in the middle of an exec is not overlooked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'atek-exec-'))
  const script = join(folder, 'again.sh')
  // One process that is replaced by itself again and again; in about one look of thirty it has no environment yet.
  writeFileSync(script, 'exec sh "$0"')
  const child = execa('sh', [script], { extendEnv: false, env: { PATH: process.env.PATH, MARK: 'x' }, reject: false })
  try {
    const { pid = 0 } = child
    let overlooked = 0
    for (let look = 0; look < 5000; look++) if (!(await environmentOf(pid)).includes('MARK=x')) overlooked++
    expect(overlooked).toBe(0)
  } finally {
    child.kill('SIGKILL')
    await child
    rmSync(folder, { recursive: true, force: true })
  }
})

test.runIf(linux)('a process that has no environment has none', async () => {
  const child = execa('sleep', ['1000'], { extendEnv: false, env: {}, reject: false })
  try {
    expect(await environmentOf(child.pid ?? 0)).toEqual([''])
  } finally {
    child.kill('SIGKILL')
    await child
  }
})
