import { ActionIcon, Menu } from '@mantine/core'
import { IconArrowsExchange, IconCopy, IconDots, IconFileText, IconRefresh, IconSettings } from '@tabler/icons-react'
import { useLocation } from 'wouter'
import type { AppSummary } from '../../../runtime/contract/models.ts'
import { desktop, toCallError } from '../../api.ts'
import type { AppAction } from '../../components/app-actions.ts'
import { notifyDone, notifyError } from '../../components/notify.tsx'

/** What is done to an app less often. */
export function AppRowMenu(props: { app: AppSummary; run(action: AppAction): void }) {
  const { app, run } = props
  const [, navigate] = useLocation()
  const copyAddress = () =>
    desktop('desktop.copyText', { text: app.address }).then(
      () => notifyDone('The address is on the clipboard.'),
      (error: unknown) => notifyError(toCallError(error)),
    )
  return (
    <Menu width={180}>
      <Menu.Target>
        <ActionIcon size={26} aria-label="More">
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {app.sourceType !== 'upstream' && (
          <Menu.Item
            leftSection={<IconRefresh size={16} />}
            disabled={!app.may.manage || app.state !== 'running'}
            onClick={() => run('restart')}
          >
            Restart
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => void copyAddress()}>
          Copy address
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconFileText size={16} />} onClick={() => navigate(`/apps/${app.key}/logs`)}>
          Logs
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowsExchange size={16} />} onClick={() => navigate(`/apps/${app.key}/traffic`)}>
          Traffic
        </Menu.Item>
        <Menu.Item leftSection={<IconSettings size={16} />} onClick={() => navigate(`/apps/${app.key}/settings`)}>
          Settings
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
