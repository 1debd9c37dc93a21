import { Alert, Button, Group, Text } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import type { AppSummary } from '../../../runtime/contract/models.ts'
import { useAppAction } from '../../components/app-actions.ts'
import { visible } from '../../format/text.ts'

/** Why an app that lives elsewhere cannot be reached. The host tries it again by itself. */
export function UnreachablePanel(props: { app: AppSummary; reason: string }) {
  const { app, reason } = props
  const { run, pending } = useAppAction(app)
  return (
    <Alert color="red" variant="light" icon={<IconPlugConnectedX size={18} />} role="region" aria-label="Unreachable">
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="md">
        <div>
          <Text fw={600}>{visible(app.title)} cannot be reached</Text>
          <Text size="sm" c="dimmed">
            {visible(reason)} {app.may.manage && 'Start it where it runs, or correct its address in Settings. '}It is
            tried again every 15 seconds.
          </Text>
        </div>
        {app.may.manage && (
          <Button variant="default" flex="none" loading={pending === 'restart'} onClick={() => run('restart')}>
            Try now
          </Button>
        )}
      </Group>
    </Alert>
  )
}
