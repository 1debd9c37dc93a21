import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { ControlInput, ControlMethod, ControlOutput } from '../runtime/contract/control.ts'
import { createFirstUser, expect, hostAddress, rawRequest, test } from './fixtures.ts'

/** A call as the panel makes it. */
async function control<M extends ControlMethod>(panel: Page, method: M, input: ControlInput<M>) {
  const answer = await panel.evaluate(
    ([name, value]) =>
      (globalThis as unknown as { atek: { control(method: string, input: unknown): Promise<unknown> } }).atek.control(
        name,
        value,
      ),
    [method, input] as const,
  )
  return (answer as { value: ControlOutput<M> }).value
}

test('requests are stored while the desktop app runs, and are there after the next start', async ({ start, home }) => {
  const first = await start()
  await createFirstUser(first.panel)
  const { port } = await hostAddress(first.panel)
  for (let i = 0; i < 20; i++) await rawRequest(port, { host: `nowhere.localhost:${port}`, path: `/stored-${i}` })
  const stored = async () => (await control(first.panel, 'traffic.counts', {})).stored
  await expect.poll(stored).toBeGreaterThanOrEqual(20)
  expect((await control(first.panel, 'traffic.counts', {})).problem).toBeNull()
  // In a thread of its own: the log would say if it had to do without.
  const log = await readFile(join(home.userData, 'logs', 'main.log'), 'utf8').catch(() => '')
  expect(log).not.toMatch(/own thread/)
  await first.app.close()

  const { panel } = await start()
  await expect(panel.getByRole('heading', { name: 'Apps', level: 1 })).toBeVisible()
  const page = await control(panel, 'traffic.search', { filter: 'stored-7' })
  expect(page.rows).toMatchObject([{ path: '/stored-7', status: 404, refused: 'APP_NOT_INSTALLED' }])
  expect((await control(panel, 'traffic.counts', {})).onDisk.rows).toBeGreaterThanOrEqual(20)
})
