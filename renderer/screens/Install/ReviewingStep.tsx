import { Button, Group, Loader, Stack, Text } from '@mantine/core'
import { visible } from '../../format/text.ts'
import { installsStore } from '../../state/installs.ts'
import { useStore } from '../../state/store.ts'

/** While the source is fetched and read. */
export function ReviewingStep(props: { reviewId: string; onCancel(): void }) {
  const last = useStore(installsStore, (state) => state.get(props.reviewId)?.at(-1))
  return (
    <Stack gap="md">
      <Group gap="sm" mih={64} role="status" wrap="nowrap">
        <Loader size="sm" aria-hidden="true" />
        <Text>{last === undefined ? 'Reading the source…' : visible(last.message)}</Text>
      </Group>
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onCancel} data-autofocus>
          Cancel
        </Button>
      </Group>
    </Stack>
  )
}
