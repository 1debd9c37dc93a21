import { Button, Code, Group, Loader, Stack, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { desktop } from '../../api.ts'
import { Card } from '../../components/Card.tsx'
import { CopyButton } from '../../components/CopyButton.tsx'
import { visible } from '../../format/text.ts'

export function Starting() {
  useDocumentTitle('Atek')
  return (
    <Card>
      <Group mt="md" gap="sm" role="status">
        <Loader size="xs" aria-hidden="true" />
        <Title order={1} fz="sm" fw={400}>
          Starting Atek…
        </Title>
      </Group>
    </Card>
  )
}

/** The host could not start: what happened and what to do, in the main process's words. */
export function Failed(props: { message: string; details: string | null; canQuit: boolean }) {
  const { message, details, canQuit } = props
  useDocumentTitle('Atek could not start')
  const quit = useMutation({ mutationFn: () => desktop('desktop.quit', {}) })
  return (
    <Card wide>
      <Stack gap="md" mt="md">
        <Title order={1}>Atek could not start</Title>
        <Text role="alert">{visible(message)}</Text>
        {details !== null && (
          <div>
            <Group justify="space-between" mb={4}>
              <Text size="sm" c="dimmed">
                Details
              </Text>
              <CopyButton text={details} label="Copy details" />
            </Group>
            <Code block mah={200} tabIndex={0}>
              {details.split('\n').map(visible).join('\n')}
            </Code>
          </div>
        )}
        {canQuit && (
          <Group justify="flex-end">
            <Button onClick={() => quit.mutate()} loading={quit.isPending}>
              Quit Atek
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  )
}
