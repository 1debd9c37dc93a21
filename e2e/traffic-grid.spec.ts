import { type Desktop, expect, type Page, screenshot, test } from './fixtures.ts'
import { SIZES } from './look.ts'
import { putLoad } from './synthetic-load.ts'

const box = (panel: Page) => panel.getByRole('textbox', { name: 'Filter' })
const gridOf = (panel: Page) => panel.getByRole('grid', { name: 'Requests' })

/** Puts some thousands of requests into the record and opens Traffic. */
async function fill({ app, panel }: Desktop): Promise<number> {
  const load = await putLoad(app, 5000)
  await expect.poll(() => load.sent(), { timeout: 30_000 }).toBeGreaterThan(3000)
  const sent = await load.stop()
  await panel.getByRole('link', { name: 'Traffic' }).click()
  await expect(panel.getByText(/[\d,]{3,} requests shown/)).toBeVisible()
  return sent
}

async function resize({ app, panel }: Desktop, size: keyof typeof SIZES): Promise<void> {
  const to = SIZES[size]
  await app.evaluate(
    ({ BrowserWindow }, { width, height }) => BrowserWindow.getAllWindows()[0]?.setContentSize(width, height),
    to,
  )
  await expect.poll(() => panel.evaluate(() => innerWidth)).toBe(to.width)
}

/** Places of the grid, in sight, where a row should be and none is: pixels from its top. */
function holes(panel: Page): Promise<number[]> {
  return gridOf(panel).evaluate((grid) => {
    const { left, top, bottom, width } = grid.getBoundingClientRect()
    const found: number[] = []
    // To the right of what the filter offers.
    for (let y = top + 32; y < bottom - 2; y += 14) {
      const row = document.elementFromPoint(left + width * 0.7, y)?.closest('[role="row"]')
      if (row === null || row === undefined) found.push(Math.round(y - top))
    }
    return found
  })
}

test('rows fill the grid after the window was resized, wherever one was, and when it comes back', async ({
  desktop,
}) => {
  test.setTimeout(120_000)
  const { panel } = desktop
  await resize(desktop, 'narrow')
  await fill(desktop)
  const grid = gridOf(panel)
  const full = (what: string) => expect.poll(() => holes(panel), { message: what }).toEqual([])
  const scroll = async (by: number) => {
    await grid.hover()
    await panel.mouse.wheel(0, by)
  }
  const press = async (keys: string[]) => {
    await grid.focus()
    for (const key of keys) await panel.keyboard.press(key)
  }
  const places: [string, () => Promise<void>][] = [
    ['at the end', async () => {}],
    ['a little above the end', () => scroll(-300)],
    ['in the middle', () => scroll(-20_000)],
    ['at the beginning', () => press(['Home'])],
    ['at the last row', () => press(['End'])],
    ['with details', () => grid.getByRole('row').nth(5).click()],
    ['with details, above the end', () => scroll(-100)],
  ]
  for (const [name, go] of places) {
    await go()
    await full(`${name}, narrow`)
    await resize(desktop, 'wide')
    await full(`${name}, wide`)
    await resize(desktop, 'narrow')
    await full(`${name}, narrow again`)
  }
  await press(['Home'])
  await scroll(300)
  await box(panel).fill('path:nowhere')
  await expect(panel.getByRole('button', { name: 'Show all' })).toBeVisible()
  // The details stay, and may still be read.
  await expect(panel.getByRole('region', { name: 'Request details' })).toBeVisible()
  await panel.getByRole('button', { name: 'Show all' }).click()
  await expect(panel.getByText(/[\d,]{3,} requests shown/)).toBeVisible()
  await full('after a filter that shows none')
  await box(panel).fill('app:notes')
  await full('after a filter')
  await scroll(-3000)
  await box(panel).fill('app:notes status:5xx')
  await full('after a narrower filter')
  await box(panel).fill('')
  await full('after the filter')
})

test('a rare match is looked for further back as long as one asks, and it is said how far that was', async ({
  desktop,
}) => {
  const { panel, app } = desktop
  await fill(desktop)
  // A record that takes longer than a search may: each one ends a hundred rows further back, and finds nothing.
  await app.evaluate(({ ipcMain }) => {
    type Handler = (event: unknown, method: string, text: string) => Promise<unknown>
    const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, Handler> })._invokeHandlers
    const real = handlers.get('atek:control')
    handlers.set('atek:control', async (event, method, text) => {
      const { filter, before = 0 } = JSON.parse(text) as { filter?: string; before?: number }
      if (method !== 'traffic.search' || filter !== 'path:rare') return real?.(event, method, text)
      const next = before > 200 ? before - 100 : null
      return { ok: true, value: { rows: [], next, total: { count: 0, exact: next === null }, tookMs: 60 } }
    })
  })
  await box(panel).fill('path:rare')
  await panel.keyboard.press('Enter')
  const said = panel.getByText(/^None of the newest [\d,]+ requests matches\.$/)
  await expect(said).toBeVisible()
  const further = panel.getByRole('button', { name: 'Look further back' })
  const howFar = async () => Number((await said.textContent())?.replace(/\D/g, ''))
  const first = await howFar()
  await further.click()
  await expect.poll(howFar).toBe(first + 500)
  await screenshot(panel, 'traffic-rare')
  for (let left = 20; left > 0 && (await further.isVisible()); left -= 1) {
    await further.click()
    await expect(panel.getByText(/^(None of|No request matches)/)).toBeVisible()
    await expect(panel.locator('[data-loading]')).toHaveCount(0)
  }
  await expect(panel.getByText('No request matches.')).toBeVisible()
})
