import { Alert, Button, Group, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { toCallError } from '../api.ts'
import { visible } from '../format/text.ts'

/** What went wrong as a sentence, and the one button that does something about it. */
export function ErrorNotice(props: {
  error: unknown
  /** In place of the error's own sentence, when the screen knows more. */
  message?: string | undefined
  action?: { label: string; run(): void }
}) {
  const { error, message, action } = props
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} role="alert" py="xs">
      <Group justify="space-between" wrap="nowrap" gap="md">
        <Text size="sm">{visible(message ?? toCallError(error).message)}</Text>
        {action !== undefined && (
          <Button variant="default" onClick={action.run} flex="none">
            {action.label}
          </Button>
        )}
      </Group>
    </Alert>
  )
}
