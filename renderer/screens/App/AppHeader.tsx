import { ActionIcon, Button, Group, Title, Tooltip, UnstyledButton } from '@mantine/core'
import { IconArrowLeft, IconExternalLink, IconTrash } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { AppSummary } from '../../../runtime/contract/models.ts'
import { AppIcon } from '../../components/AppIcon.tsx'
import { isUp, useAppAction } from '../../components/app-actions.ts'
import { Safe } from '../../components/Safe.tsx'
import { StateLabel } from '../../components/StateLabel.tsx'
import { shortAddress } from '../../format/address.ts'
import appsClasses from '../Apps/Apps.module.css'
import { justInstalledStore } from '../Install/just-installed.ts'
import classes from './App.module.css'
import { UninstallDialog } from './UninstallDialog.tsx'

/** Stays above the tabs: what the app is, how it is, and what can be done to it. */
export function AppHeader(props: { app: AppSummary }) {
  const { app } = props
  const [, navigate] = useLocation()
  const { run, pending } = useAppAction(app)
  const [uninstalling, setUninstalling] = useState(false)
  const openButton = useRef<HTMLButtonElement>(null)
  const up = isUp(app.state)

  useEffect(() => {
    if (justInstalledStore.get() !== app.key) return
    // The dialog that was here gives the focus back to where it came from; this comes after that.
    const timer = setTimeout(() => {
      justInstalledStore.set(null)
      openButton.current?.focus()
    }, 200)
    return () => clearTimeout(timer)
  }, [app.key])

  return (
    <header className={classes.header}>
      <Tooltip label="Back to the list">
        <ActionIcon aria-label="Back" onClick={() => navigate('/apps')}>
          <IconArrowLeft size={18} />
        </ActionIcon>
      </Tooltip>
      <AppIcon icon={app.icon} title={app.title} colourKey={app.key} size={40} />
      <div className={classes.headline}>
        <Title order={1}>
          <Safe text={app.title} title />
        </Title>
        <div className={classes.sub}>
          <StateLabel state={app.state} />
          <UnstyledButton className={appsClasses.address} disabled={!app.may.open} onClick={() => run('open')}>
            {shortAddress(app.address)}
          </UnstyledButton>
        </div>
      </div>
      <Group gap="xs" wrap="nowrap">
        <Button
          ref={openButton}
          leftSection={<IconExternalLink size={16} />}
          disabled={!app.may.open}
          loading={pending === 'open'}
          onClick={() => run('open')}
        >
          Open
        </Button>
        {app.may.manage && (
          <>
            <Button
              variant="default"
              disabled={app.state === 'installing'}
              loading={pending === 'start' || pending === 'stop' || app.state === 'stopping'}
              onClick={() => run(up ? 'stop' : 'start')}
            >
              {up ? 'Stop' : 'Start'}
            </Button>
            {/* An app that lives elsewhere is not the host's to start anew. */}
            {app.sourceType !== 'upstream' && (
              <Button
                variant="default"
                disabled={app.state !== 'running'}
                loading={pending === 'restart'}
                onClick={() => run('restart')}
              >
                Restart
              </Button>
            )}
            <Tooltip label="Uninstall">
              <ActionIcon
                variant="default"
                size={30}
                aria-label="Uninstall"
                disabled={app.state === 'installing'}
                onClick={() => setUninstalling(true)}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Tooltip>
          </>
        )}
      </Group>
      <UninstallDialog app={app} opened={uninstalling} onClose={() => setUninstalling(false)} />
    </header>
  )
}
