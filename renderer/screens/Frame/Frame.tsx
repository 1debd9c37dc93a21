import { useHotkeys, useMediaQuery } from '@mantine/hooks'
import { useEffect } from 'react'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import type { PanelInfo } from '../../../electron/ipc/contract.ts'
import type { Me } from '../../../runtime/contract/models.ts'
import { Boundary } from '../../components/Boundary.tsx'
import { Notices } from '../../components/Notices.tsx'
import { forgetEverything, loadApps, loadHost } from '../../state/load.ts'
import { AppPage } from '../App/AppPage.tsx'
import { AppsScreen } from '../Apps/AppsScreen.tsx'
import { AuditScreen } from '../Audit/AuditScreen.tsx'
import { DocsScreen } from '../Docs/DocsScreen.tsx'
import { FolderDrop } from '../Install/FolderDrop.tsx'
import { InstallDialog } from '../Install/InstallDialog.tsx'
import { Palette } from '../Palette/Palette.tsx'
import { SettingsScreen } from '../Settings/SettingsScreen.tsx'
import { TrafficScreen } from '../Traffic/TrafficScreen.tsx'
import { UsersScreen } from '../Users/UsersScreen.tsx'
import classes from './Frame.module.css'
import { Rail } from './Rail.tsx'
import { screensFor } from './screens.ts'

/** The panel of a signed-in person: the rail, the screen, and what lies over every screen. */
export function Frame(props: { me: Me; info: PanelInfo }) {
  const { me, info } = props
  const [location, navigate] = useLocation()
  const narrow = useMediaQuery('(max-width: 999px)') ?? false
  const admin = me.user.role === 'admin'

  useEffect(() => {
    void loadApps()
    void loadHost()
    return forgetEverything
  }, [])

  useHotkeys(
    screensFor(me.user).map((screen) => [`mod+${screen.digit}`, () => navigate(screen.path)]),
    [],
    true,
  )

  return (
    <div className={classes.frame}>
      <Rail me={me} platform={info.platform} narrow={narrow} />
      <main className={classes.content}>
        {info.notices.length > 0 && (
          <div className={classes.notices}>
            <Notices notices={info.notices} />
          </div>
        )}
        <div className={classes.screen}>
          <Boundary place={location}>
            <Switch>
              <Route path="/apps">
                <AppsScreen me={me} />
              </Route>
              <Route path="/apps/:key/:tab?">
                {(params) => <AppPage key={params.key} appKey={params.key} tab={params.tab ?? 'overview'} me={me} />}
              </Route>
              <Route path="/traffic/:view?">{(params) => <TrafficScreen me={me} view={params.view} />}</Route>
              {admin && (
                <Route path="/users">
                  <UsersScreen me={me} />
                </Route>
              )}
              {admin && (
                <Route path="/audit">
                  <AuditScreen />
                </Route>
              )}
              <Route path="/docs/:page">{(params) => <DocsScreen page={params.page} />}</Route>
              <Route path="/settings">
                <SettingsScreen me={me} keychain={info.keychain} />
              </Route>
              <Route>
                <Redirect to="/apps" replace />
              </Route>
            </Switch>
          </Boundary>
        </div>
      </main>
      <InstallDialog me={me} />
      <FolderDrop />
      <Palette me={me} />
    </div>
  )
}
