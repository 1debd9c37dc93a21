import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** What a process says that waits on the clock's timers alone. Node does not read TypeScript; Vite does. */
async function waits(ms: number, wait: (work: string) => string): Promise<string> {
  const source = `
    import { runnerImport } from 'vite'
    const read = async (file) => (await runnerImport(file, { configFile: false, logLevel: 'error' })).module
    const { keepAlive } = await read(${JSON.stringify(path('keep-alive.ts'))})
    const { delay, systemClock } = await read(${JSON.stringify(path('../../core/clock.ts'))})
    process.on('exit', () => console.log('ends'))
    await ${wait(`() => delay(systemClock, ${ms})`)}
    console.log('has waited')`
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', source], { reject: false })
  return stdout
}

test('a process that waits for others does not end meanwhile', async () => {
  expect(await waits(50, (work) => `keepAlive(${work})`)).toBe('has waited\nends')
  expect(await waits(60_000, (work) => `(${work})()`)).toBe('ends')
})
