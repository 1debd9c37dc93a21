import { Button, Group } from '@mantine/core'
import { useLocation } from 'wouter'
import { CopyButton } from '../../components/CopyButton.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { visible } from '../../format/text.ts'
import { hostStore } from '../../state/panel.ts'
import { useStore } from '../../state/store.ts'
import { DOCS, docPath } from '../Docs/docs.ts'
import classes from './Settings.module.css'

/** Folders, addresses, versions, and what there is to read. */
export function Whereabouts(props: { keychain: boolean }) {
  const host = useStore(hostStore, (status) => status)
  const [, navigate] = useLocation()
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
          <Button key={page} variant="default" leftSection={<Icon size={16} />} onClick={() => navigate(docPath(page))}>
            {label}
          </Button>
        ))}
      </Group>
    </div>
  )
}
