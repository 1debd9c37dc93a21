import { app, Menu, type MenuItemConstructorOptions } from 'electron'

/** The application menu: standard entries, and the screens. Reloading and developer tools exist in development only. */
export function setApplicationMenu(deps: { navigate(to: string): void; quit(): void }): void {
  const go = (label: string, to: string, key: string): MenuItemConstructorOptions => ({
    label,
    accelerator: `CmdOrCtrl+${key}`,
    click: () => deps.navigate(to),
  })
  const template: MenuItemConstructorOptions[] = [
    {
      label: process.platform === 'darwin' ? app.name : '&File',
      submenu: [
        ...(process.platform === 'darwin' ? ([{ role: 'about' }, { type: 'separator' }] as const) : []),
        { label: 'Install app…', accelerator: 'CmdOrCtrl+N', click: () => deps.navigate('/apps?install') },
        { type: 'separator' },
        { label: 'Close window', role: 'close' },
        { label: 'Quit Atek', accelerator: 'CmdOrCtrl+Q', click: () => deps.quit() },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        go('Apps', '/apps', '1'),
        go('Traffic', '/traffic', '2'),
        go('Users', '/users', '3'),
        go('Audit', '/audit', '4'),
        go('Settings', '/settings', '5'),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(app.isPackaged
          ? []
          : ([
              { type: 'separator' },
              { role: 'reload' },
              { role: 'toggleDevTools' },
            ] satisfies MenuItemConstructorOptions[])),
      ],
    },
    { role: 'windowMenu' },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
