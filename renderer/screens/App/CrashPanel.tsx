import { Alert, Button, Group, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { AppSummary, CrashInfo } from '../../../runtime/contract/models.ts'
import { useAppAction } from '../../components/app-actions.ts'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { ScrollText } from '../../components/ScrollText.tsx'
import { useTimed } from '../../components/use-now.ts'
import { plural, visible, visibleLogLine } from '../../format/text.ts'
import { formatSpan } from '../../format/units.ts'
import classes from './App.module.css'

/** What happened, the app's own last words, and when it is tried again. */
export function CrashPanel(props: { app: AppSummary; crash: CrashInfo }) {
  const { app, crash } = props
  const { run, pending } = useAppAction(app)
  const next = useTimed((now) => {
    if (crash.nextTryAt === null) return 'It is not tried again by itself.'
    const wait = crash.nextTryAt - now
    return wait < 1000 ? 'Trying again…' : `Tries again in ${formatSpan(wait)}.`
  })
  const how = [
    crash.exitCode === null ? null : `exit code ${crash.exitCode}`,
    crash.signal === null ? null : `signal ${visible(crash.signal)}`,
    crash.restarts > 0 ? plural(crash.restarts, 'restart') : null,
  ].filter((part) => part !== null)
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} role="region" aria-label="Crash">
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="md">
        <div>
          <Text fw={600}>{visible(crash.reason)}</Text>
          <Text size="sm" c="dimmed">
            <RelativeTime at={crash.at} />
            {how.map((part) => ` · ${part}`)} · {next}
          </Text>
        </div>
        {app.may.manage && (
          <Button variant="default" flex="none" loading={pending === 'start'} onClick={() => run('start')}>
            Start now
          </Button>
        )}
      </Group>
      {crash.lastLines.length > 0 && (
        <ScrollText
          label="Last lines of its errors"
          className={classes.lastLines}
          text={crash.lastLines.map(visibleLogLine).join('\n')}
        />
      )}
    </Alert>
  )
}
