import { expect, type Page, screenshot, test } from './fixtures.ts'
import { putLoad } from './synthetic-load.ts'

/** A minute is the promise; ten seconds show whether it would break. */
const SECONDS = Number(process.env.ATEK_LIVE_SECONDS ?? 10)
const PER_SECOND = 10_000
/** The promise is 50 ms at p99, on a machine that does nothing else: ATEK_LIVE_STRICT asserts that. */
const STRICT = process.env.ATEK_LIVE_STRICT === '1'

interface Times {
  frames: number
  p50: number
  p95: number
  p99: number
  longest: number
}

/** Times between frames, as the page itself sees them. */
function frameTimes(page: Page, ms: number): Promise<Times> {
  return page.evaluate(async (span) => {
    const times: number[] = []
    await new Promise<void>((done) => {
      let last = 0
      let end = 0
      const tick = (now: number) => {
        if (last === 0) end = now + span
        else times.push(now - last)
        last = now
        if (now < end) requestAnimationFrame(tick)
        else done()
      }
      requestAnimationFrame(tick)
    })
    times.sort((a, b) => a - b)
    const at = (share: number) => Math.round((times[Math.floor((times.length - 1) * share)] ?? 0) * 10) / 10
    return { frames: times.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: at(1) }
  }, ms)
}

/** From the key to the picture in which it is seen, one value a key; in milliseconds, ordered. */
async function typingTimes(page: Page, text: string): Promise<number[]> {
  const times: number[] = []
  for (const key of text) {
    await page.evaluate(() => {
      const seen = new Promise<number>((done) => {
        const onKey = (event: KeyboardEvent) => {
          // After the frame that the key leads to: a message to oneself comes when it is painted.
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel()
            port1.onmessage = () => done(performance.now() - event.timeStamp)
            port2.postMessage(null)
          })
        }
        addEventListener('keydown', onKey, { once: true, capture: true })
      })
      Object.assign(globalThis, { seenByTest: seen })
    })
    await page.keyboard.type(key)
    times.push(await page.evaluate(() => (globalThis as unknown as { seenByTest: Promise<number> }).seenByTest))
  }
  return times.sort((a, b) => a - b)
}

interface Counts {
  made: number
  open: number
  waiting: number
  stored: number
  lost: number
  inMemory: number
  leftMemory: number
}

async function counts(page: Page): Promise<Counts> {
  const result = await page.evaluate(() =>
    (globalThis as unknown as { atek: { control(method: string, input: unknown): Promise<unknown> } }).atek.control(
      'traffic.counts',
      {},
    ),
  )
  return (result as { value: Counts }).value
}

test('10,000 requests a second with Traffic open: frames, typing and memory hold, and no count is lost', async ({
  desktop,
}, info) => {
  test.setTimeout(120_000 + SECONDS * 6000)
  const { panel, app } = desktop
  await panel.getByRole('link', { name: 'Traffic' }).click()
  await expect(panel.getByText('Open an app and its requests appear here')).toBeVisible()
  const empty = await frameTimes(panel, 2000)

  const memory = async () => {
    const metrics = await app.evaluate(({ app: electron }) =>
      electron.getAppMetrics().map(({ type, memory: used }) => ({ type, megabytes: used.workingSetSize / 1024 })),
    )
    return metrics.find(({ type }) => type === 'Tab')?.megabytes ?? 0
  }
  const load = await putLoad(app, PER_SECOND)
  // Until the rows that the window holds are as many as it ever holds.
  await expect(panel.getByText('50,000 requests shown')).toBeVisible({ timeout: 90_000 })
  const before = await memory()
  const busy = await frameTimes(panel, SECONDS * 1000)
  await screenshot(panel, 'live-view')

  const filter = panel.getByRole('textbox', { name: 'Filter' })
  await filter.click()
  const typing = await typingTimes(panel, 'app:notes status:5xx')
  await expect(filter).toHaveValue('app:notes status:5xx')
  await panel.keyboard.press('Enter')
  const filtered = await frameTimes(panel, 2000)
  const grid = panel.getByRole('grid', { name: 'Requests' })
  await expect(grid.getByRole('row').nth(3)).toContainText('500')
  await expect(grid.getByRole('row').nth(3)).toContainText('notes')

  const sent = await load.stop()
  const after = await memory()
  // Nothing is dropped without being counted: in the record as a whole, and in what memory holds of it.
  await expect.poll(async () => (await counts(panel)).waiting, { timeout: 60_000 }).toBe(0)
  const counted = await counts(panel)
  const figures = {
    perSecond: PER_SECOND,
    seconds: SECONDS,
    sent,
    empty,
    busy,
    filtered,
    typing,
    before,
    after,
    counted,
  }
  await info.attach('figures', { body: JSON.stringify(figures), contentType: 'application/json' })
  console.log(JSON.stringify(figures))

  expect(counted.made).toBe(sent)
  expect(counted.stored + counted.lost + counted.open).toBe(sent)
  expect(counted.inMemory + counted.leftMemory).toBe(sent)

  expect(after - before).toBeLessThan(150)
  const [middle = 0] = typing.slice(Math.floor(typing.length / 2))
  if (STRICT) {
    expect(busy.p99).toBeLessThan(50)
    expect(filtered.p99).toBeLessThan(50)
    expect(middle).toBeLessThan(50)
  } else {
    // Drawn by the processor and shared with whatever else runs, a window that draws nothing misses frames, too. What
    // holds anywhere: most frames come in time, and the worst are not those of a window that stands still.
    expect(busy.p50).toBeLessThan(Math.max(50, 3 * empty.p50))
    expect(busy.p95).toBeLessThan(Math.max(150, 5 * empty.p95))
    expect(middle).toBeLessThan(250)
  }
})
