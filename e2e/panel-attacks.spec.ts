import { expect, installApp, test } from './fixtures.ts'

interface Bridge {
  control(method: string, input: unknown): Promise<{ ok: boolean; error?: { code: string } }>
  desktop(method: string, input: unknown): Promise<{ ok: boolean; error?: { code: string } }>
}

test('A60: calls with wrong types, prototype keys, 100 MB or unknown methods are refused, and the panel lives on', async ({
  desktop,
}) => {
  const codes = await desktop.panel.evaluate(async () => {
    const { atek } = globalThis as unknown as { atek: Bridge }
    const code = async (call: Promise<{ error?: { code: string } }>) => (await call).error?.code
    return {
      wrongType: await code(atek.control('apps.get', { key: 5 })),
      surplus: await code(atek.control('apps.list', { surplus: true })),
      prototype: await code(atek.control('apps.list', JSON.parse('{"constructor": {"prototype": {"admin": true}}}'))),
      constructorMethod: await code(atek.control('constructor', {})),
      protoMethod: await code(atek.desktop('__proto__', {})),
      methodIsObject: await code(atek.control({ toString: () => 'apps.list' } as unknown as string, {})).catch(
        () => 'not cloneable',
      ),
      huge: await code(atek.control('apps.list', { surplus: 'x'.repeat(100 * 1024 * 1024) })),
      link: await code(atek.desktop('desktop.openApp', { key: 'f'.repeat(32), path: '//evil.test' })),
    }
  })
  expect(codes).toEqual({
    wrongType: 'BAD_INPUT',
    surplus: 'BAD_INPUT',
    prototype: 'BAD_INPUT',
    constructorMethod: 'METHOD_NOT_FOUND',
    protoMethod: 'METHOD_NOT_FOUND',
    methodIsObject: 'not cloneable',
    huge: 'TOO_LARGE',
    link: expect.stringMatching(/BAD_INPUT|NOT_FOUND/),
  })
  expect(await desktop.opened()).toEqual([])
  await expect(desktop.panel.getByRole('link', { name: 'Apps' })).toBeVisible()
})

test('A60: another window of the same process, with the same preload, gets nothing', async ({ desktop }) => {
  const answer = await desktop.app.evaluate(async ({ BrowserWindow }) => {
    const [panel] = BrowserWindow.getAllWindows()
    // The same page and the same bridge, in another window.
    const preferences = panel?.webContents.session
    const other = new BrowserWindow({
      show: false,
      webPreferences: {
        session: preferences as Electron.Session,
        preload: `${process.cwd()}/out/preload/preload.cjs`,
        sandbox: true,
      },
    })
    await other.loadURL('atek://panel/index.html')
    const result: unknown = await other.webContents.executeJavaScript('window.atek.control("apps.list", {})')
    other.destroy()
    return result
  })
  expect(answer).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } })
})

test('A61: navigation, window.open, webview, permissions and foreign requests are denied', async ({ desktop }) => {
  const { panel, app } = desktop
  const before = panel.url()
  const result = await panel.evaluate(async () => {
    const opened = window.open('https://example.com/')
    location.href = 'https://example.com/'
    const link = document.createElement('a')
    link.href = 'file:///etc/passwd'
    document.body.append(link)
    link.click()
    const webview = document.createElement('webview')
    webview.setAttribute('src', 'https://example.com/')
    document.body.append(webview)
    const frame = document.createElement('iframe')
    frame.src = 'https://example.com/'
    document.body.append(frame)
    const permission = await navigator.permissions.query({ name: 'geolocation' }).then((state) => state.state)
    const fetched = await fetch('https://example.com/').then(
      () => 'fetched',
      () => 'refused',
    )
    const evaluated = (() => {
      try {
        // biome-ignore lint/security/noGlobalEval: that this throws is what is tested.
        return eval('1 + 1') as unknown
      } catch {
        return 'refused'
      }
    })()
    link.remove()
    webview.remove()
    frame.remove()
    return {
      opened: opened === null,
      permission,
      fetched,
      evaluated,
      node: typeof (globalThis as { require?: unknown }).require,
    }
  })
  expect(result).toEqual({
    opened: true,
    permission: 'denied',
    fetched: 'refused',
    evaluated: 'refused',
    node: 'undefined',
  })
  expect(panel.url()).toBe(before)
  const windows = await app.evaluate(({ BrowserWindow, webContents }) => ({
    windows: BrowserWindow.getAllWindows().length,
    guests: webContents.getAllWebContents().filter((contents) => contents.getType() === 'webview').length,
  }))
  expect(windows).toEqual({ windows: 1, guests: 0 })
})

test('A61: a file that is dropped on the window does not replace the panel', async ({ desktop }) => {
  const { panel } = desktop
  const before = panel.url()
  await panel.evaluate(() => {
    const data = new DataTransfer()
    data.items.add(new File(['<script>1</script>'], 'evil.html', { type: 'text/html' }))
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
  })
  await expect(panel.getByRole('link', { name: 'Apps' })).toBeVisible()
  expect(panel.url()).toBe(before)
})

test('the window is built by the book: sandboxed, isolated, without Node, with a strict policy', async ({
  desktop,
}) => {
  const preferences = await desktop.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>
    }
    const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = contents.getLastWebPreferences()
    return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag }
  })
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  })
  const violations: string[] = []
  desktop.panel.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) violations.push(message.text())
  })
  await installApp(desktop.panel, { example: 'Hello' })
  for (const screen of ['Traffic', 'Users', 'Audit', 'Settings', 'Apps']) {
    await desktop.panel.getByRole('link', { name: screen }).click()
    await expect(desktop.panel.getByRole('heading', { name: screen, level: 1 })).toBeVisible()
  }
  expect(violations).toEqual([])
})
