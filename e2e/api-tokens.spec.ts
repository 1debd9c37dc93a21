import { expect, hostAddress, type Page, screenshot, test } from './fixtures.ts'

const SIZES = { narrow: { width: 900, height: 600 }, wide: { width: 1600, height: 1000 } }

interface Tokens {
  access_token: string
  refresh_token: string
}

for (const theme of ['light', 'dark'] as const) {
  test(`API tokens, ${theme}: made in the panel, used by a script, ended`, async ({ desktop }) => {
    const { panel, app } = desktop
    await app.evaluate(({ nativeTheme }, source) => {
      nativeTheme.themeSource = source
    }, theme)
    const look = async (name: string, page: Page = panel) => {
      for (const [size, bounds] of Object.entries(SIZES)) {
        await app.evaluate(
          ({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setContentSize(to.width, to.height),
          bounds,
        )
        await expect.poll(() => page.evaluate(() => innerWidth)).toBe(bounds.width)
        await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)))
        await screenshot(page, `${name}-${theme}-${size}`)
      }
    }
    const { port } = await hostAddress(panel)
    const host = `http://localhost:${port}`

    await panel.getByRole('link', { name: 'Settings' }).click()
    const section = panel.getByRole('region', { name: 'API tokens' })
    await section.scrollIntoViewIfNeeded()
    await expect(section.getByRole('table')).toHaveCount(0)
    await look('api-tokens-none')

    await section.getByRole('button', { name: 'New token' }).click()
    const dialog = panel.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Create token' }).click()
    await expect(dialog.getByText('Enter a name.')).toBeVisible()
    await look('api-token-error')
    await dialog.getByRole('textbox', { name: 'Name' }).fill('nightly backup')
    await dialog.getByRole('button', { name: 'Create token' }).click()
    const shown = dialog.getByRole('region', { name: 'Refresh token' })
    await expect(shown.getByText(/^atekr_/)).toBeVisible()
    await look('api-token-made')
    const refreshToken = (await shown.getByText(/^atekr_/).textContent()) ?? ''
    await shown.getByRole('button', { name: 'Copy token' }).click()
    expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe(refreshToken)
    await dialog.getByRole('button', { name: 'Done' }).click()
    // Once, and nowhere afterwards.
    await expect(dialog).toHaveCount(0)
    expect(await panel.content()).not.toContain(refreshToken)

    const trade = (token: string) =>
      fetch(`${host}/_atek/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }),
      })
    const tokens = (await (await trade(refreshToken)).json()) as Tokens
    const whoami = () =>
      fetch(`${host}/_atek/gateway?api=atek.cloud/user-sessions-api`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.access_token}` },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'whoami' }),
      }).then((answer) => answer.json())
    expect(await whoami()).toMatchObject({ result: { isActive: true, username: 'alice' } })
    await panel.getByRole('link', { name: 'Apps' }).click()
    await panel.getByRole('link', { name: 'Settings' }).click()
    await expect(section.getByRole('row', { name: /nightly backup/ })).not.toContainText('never')
    await section.scrollIntoViewIfNeeded()
    await look('api-tokens')

    await section.getByRole('button', { name: 'End nightly backup' }).click()
    await expect(dialog.getByText('This cannot be undone.', { exact: false })).toBeVisible()
    await look('api-token-end')
    await dialog.getByRole('button', { name: 'End token' }).click()
    await expect(section.getByRole('table')).toHaveCount(0)
    expect(await whoami()).toMatchObject({ result: { isActive: false } })
    expect((await trade(tokens.refresh_token)).status).toBe(400)

    await panel.getByRole('link', { name: 'Audit' }).click()
    await expect(panel.getByText('alice made the API token “nightly backup”')).toBeVisible()
    await expect(panel.getByText('alice ended the API token “nightly backup”')).toBeVisible()
  })
}
