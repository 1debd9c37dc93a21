import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { CallError } from '../api.ts'
import { visible } from '../format/text.ts'

interface NoticeAction {
  label: string
  run(): void
}

/** Says in a corner what went wrong, with one button that helps. Stays until it is closed. */
export function notifyError(error: CallError, action?: NoticeAction): void {
  // Somebody pressed Cancel: that is no error.
  if (error.code === 'CANCELLED') return
  const id = notifications.show({
    color: 'red',
    autoClose: action === undefined ? 10_000 : false,
    message: <Message text={error.message} action={action} close={() => notifications.hide(id)} />,
  })
}

export function notifyDone(message: string, action?: NoticeAction): void {
  const id = notifications.show({
    color: 'indigo',
    autoClose: action === undefined ? 4000 : 10_000,
    message: <Message text={message} action={action} close={() => notifications.hide(id)} />,
  })
}

function Message(props: { text: string; action: NoticeAction | undefined; close(): void }) {
  const { text, action, close } = props
  return (
    <Group justify="space-between" wrap="nowrap" gap="sm">
      <Text size="sm">{visible(text)}</Text>
      {action !== undefined && (
        <Button
          size="compact-sm"
          flex="none"
          variant="default"
          onClick={() => {
            close()
            action.run()
          }}
        >
          {action.label}
        </Button>
      )}
    </Group>
  )
}
