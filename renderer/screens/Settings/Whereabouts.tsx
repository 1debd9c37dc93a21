import { Button, Group } from '@mantine/core'
import { IconBook, IconCode, IconShieldLock } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { desktop } from '../../api.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { visible } from '../../format/text.ts'
import { hostStore } from '../../state/panel.ts'
import { useStore } from '../../state/store.ts'
import classes from './Settings.module.css'

const DOCS = [
  { page: 'writing-apps', label: 'Writing apps', icon: IconCode },
  { page: 'protocol', label: 'The protocol', icon: IconBook },
  { page: 'security', label: 'Security', icon: IconShieldLock },
] as const

/** Folders, addresses, versions, and what there is to read. */
export function Whereabouts(props: { keychain: boolean }) {
  const host = useStore(hostStore, (status) => status)
  const docs = useMutation({
    mutationFn: (page: (typeof DOCS)[number]['page']) => desktop('desktop.openDocs', { page }),
  })
  return (
    <div className={classes.box}>
      <dl className={classes.facts}>
        {host !== null && (
          <>
            <dt>Address</dt>
            <dd>
              <span className={classes.mono}>{visible(host.address)}</span>
              <CopyButton text={host.address} label="Copy address" />
            </dd>
            <dt>Everything is kept in</dt>
            <dd>
              <span className={classes.mono}>{visible(host.configFolder)}</span>
              <CopyButton text={host.configFolder} label="Copy folder" />
            </dd>
            <dt>Running since</dt>
            <dd>
              <RelativeTime at={host.startedAt} />
            </dd>
            <dt>Version</dt>
            <dd>{visible(host.version)}</dd>
          </>
        )}
        <dt>Signing in again</dt>
        <dd>
          {props.keychain
            ? 'This window is remembered in the system’s keychain.'
            : 'There is no keychain: this window is remembered in a file that only you can read.'}
        </dd>
      </dl>
      <Group gap="xs">
        {DOCS.map(({ page, label, icon: Icon }) => (
          <Button key={page} variant="default" leftSection={<Icon size={16} />} onClick={() => docs.mutate(page)}>
            {label}
          </Button>
        ))}
      </Group>
    </div>
  )
}
