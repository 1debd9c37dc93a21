import { Button, Tooltip, UnstyledButton } from '@mantine/core'
import { memo } from 'react'
import { Link } from 'wouter'
import type { AppSummary } from '../../../runtime/contract/models.ts'
import { AppIcon } from '../../components/AppIcon.tsx'
import { isUp, useAppAction } from '../../components/app-actions.ts'
import { Safe } from '../../components/Safe.tsx'
import { ActivityBars } from '../../components/Sparkline.tsx'
import { StateLabel } from '../../components/StateLabel.tsx'
import { shortAddress } from '../../format/address.ts'
import { visible } from '../../format/text.ts'
import { formatBytes } from '../../format/units.ts'
import { AppRowMenu } from './AppRowMenu.tsx'
import classes from './Apps.module.css'
import { ownerLabel } from './app-list.ts'

/** One app of the list. Renders again only when the app itself changed. */
export const AppRow = memo(function AppRow(props: { app: AppSummary; mine: boolean }) {
  const { app, mine } = props
  const { run, pending } = useAppAction(app)
  const up = isUp(app.state)
  const trouble = app.unreachable ?? (app.state === 'crashed' ? (app.crash?.reason ?? null) : null)
  return (
    <article className={classes.row} aria-label={visible(app.title)}>
      <div className={classes.name}>
        <AppIcon icon={app.icon} title={app.title} colourKey={app.key} size={32} />
        <div className={classes.words}>
          <Link href={`/apps/${app.key}`} className={classes.title}>
            <Safe text={app.title} title />
          </Link>
          {trouble !== null ? (
            <div className={`${classes.description} ${classes.crashed}`}>
              <Safe text={trouble} title />
            </div>
          ) : (
            <div className={classes.description}>
              <Safe text={app.description} title />
            </div>
          )}
        </div>
      </div>
      <div className={`${classes.cut} ${classes.addressCell}`}>
        <UnstyledButton className={classes.address} disabled={!app.may.open} onClick={() => run('open')}>
          {shortAddress(app.address)}
        </UnstyledButton>
      </div>
      <div className={`${classes.cut} ${classes.owner}`}>
        <Safe text={ownerLabel(app)} title />
        {mine && ' (you)'}
      </div>
      <StateLabel state={app.state} />
      <div className={`${classes.memory} ${classes.end}`}>
        {app.process?.memoryBytes === null || app.process === null ? '–' : formatBytes(app.process.memoryBytes)}
      </div>
      <div className={classes.spark}>
        <ActivityBars requests={app.activity.requests} errors={app.activity.errors} />
      </div>
      <div className={classes.actions}>
        <Button
          size="compact-sm"
          variant="light"
          disabled={!app.may.open}
          loading={pending === 'open'}
          onClick={() => run('open')}
        >
          Open
        </Button>
        <Tooltip label="Only its owner or an administrator can do this." disabled={app.may.manage}>
          <Button
            size="compact-sm"
            w={52}
            px={0}
            variant="default"
            disabled={!app.may.manage || app.state === 'installing'}
            loading={pending === 'start' || pending === 'stop' || app.state === 'stopping'}
            onClick={() => run(up ? 'stop' : 'start')}
          >
            {up ? 'Stop' : 'Start'}
          </Button>
        </Tooltip>
        <AppRowMenu app={app} run={run} />
      </div>
    </article>
  )
})
