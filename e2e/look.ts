import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Desktop, expect, type Page, screenshot } from './fixtures.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

export const SIZES = { narrow: { width: 900, height: 600 }, wide: { width: 1600, height: 1000 } }
type Size = keyof typeof SIZES

interface Finding {
  id: string
  impact: string
  nodes: { html: string; failureSummary: string }[]
}

/** Serious and critical findings of axe on the page as it stands. */
async function seriousFindings(page: Page): Promise<string[]> {
  const axe = await readFile(AXE, 'utf8')
  // Evaluated by the test's own debugger connection, so that the page's policy stays as it is.
  await page.evaluate(axe)
  const findings = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Finding[] }> } }
    return (await axe.run()).violations
  })
  return findings
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`))
}

/**
 * Puts the panel in a theme. What is returned keeps pictures of what is on screen, narrow and wide, and judges it.
 * `judged`: the widths at which axe is asked.
 */
export async function lookIn(
  { panel, app }: Desktop,
  theme: 'light' | 'dark',
  judged: readonly Size[],
): Promise<(name: string, page?: Page) => Promise<void>> {
  await app.evaluate(({ nativeTheme }, source) => {
    nativeTheme.themeSource = source
  }, theme)
  return async (name, page = panel) => {
    for (const size of ['narrow', 'wide'] as const) {
      const bounds = SIZES[size]
      if (page === panel) {
        await app.evaluate(
          ({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setContentSize(to.width, to.height),
          bounds,
        )
        await expect.poll(() => page.evaluate(() => innerWidth)).toBe(bounds.width)
      } else {
        await page.setViewportSize(bounds)
      }
      // The pointer rests where it clicked last: its tooltip would be judged half faded.
      await page.mouse.move(0, 0)
      await expect(page.locator('[role="tooltip"]')).toHaveCount(0)
      // Transitions have an end: what is judged is what stays.
      await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)))
      await screenshot(page, `${name}-${theme}-${size}`)
      // A page that scrolls sideways is broken at that width.
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        `${name} ${size}`,
      ).toBeLessThanOrEqual(0)
      if (judged.includes(size)) expect(await seriousFindings(page), `${name} ${size}`).toEqual([])
    }
  }
}
