import { Kbd, Tooltip, UnstyledButton } from '@mantine/core'
import { spotlight } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { Link, useLocation } from 'wouter'
import type { PanelInfo } from '../../../electron/ipc/contract.ts'
import type { Me } from '../../../runtime/contract/models.ts'
import { Mark } from '../../components/Mark.tsx'
import classes from './Frame.module.css'
import { HostState } from './HostState.tsx'
import { PersonMenu } from './PersonMenu.tsx'
import { screensFor } from './screens.ts'

/** The way between the screens, with the host's state and the signed-in person below. */
export function Rail(props: { me: Me; platform: PanelInfo['platform']; narrow: boolean }) {
  const { me, platform, narrow } = props
  const [location] = useLocation()
  const mod = platform === 'darwin' ? '⌘' : 'Ctrl '
  return (
    <aside className={classes.rail} data-platform={platform} aria-label="Atek">
      <div className={classes.brand}>
        <Mark size={22} />
        <span>Atek</span>
      </div>
      <nav className={classes.nav} aria-label="Screens">
        {screensFor(me.user).map((screen) => (
          <Tooltip
            key={screen.path}
            label={`${screen.label} (${mod}${screen.digit})`}
            position="right"
            // The name of a link is its word alone, so the hint is for the eye only.
            aria-hidden="true"
            openDelay={narrow ? 150 : 700}
          >
            <Link
              href={screen.path}
              className={classes.link}
              aria-current={location === screen.path || location.startsWith(`${screen.path}/`) ? 'page' : undefined}
            >
              <screen.icon size={17} stroke={1.7} aria-hidden="true" />
              <span className={classes.label}>{screen.label}</span>
            </Link>
          </Tooltip>
        ))}
      </nav>
      <Tooltip label={`Search (${mod}K)`} position="right" disabled={!narrow}>
        <UnstyledButton className={classes.person} onClick={() => spotlight.open()}>
          <IconSearch size={16} stroke={1.7} aria-hidden="true" />
          <span className={`${classes.grow} ${classes.label}`}>Search</span>
          <Kbd className={classes.hint} size="xs" aria-hidden="true">
            {mod}K
          </Kbd>
        </UnstyledButton>
      </Tooltip>
      <HostState />
      <PersonMenu me={me} />
    </aside>
  )
}
