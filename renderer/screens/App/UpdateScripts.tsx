import { Alert, Button, Group, Modal, Stack } from '@mantine/core'
import { IconScript } from '@tabler/icons-react'
import type { AppDetails } from '../../../runtime/contract/models.ts'
import { ScriptList } from '../../components/ScriptList.tsx'
import { visible } from '../../format/text.ts'

/** Asks what the scripts of a new version may do: nothing of it runs before there is an answer. */
export function UpdateScripts(props: {
  app: AppDetails
  scripts: Record<string, string> | null
  onDecide(allowScripts: boolean): void
  onClose(): void
}) {
  const { app, scripts, onDecide, onClose } = props
  return (
    <Modal opened={scripts !== null} onClose={onClose} title={`Update ${visible(app.title)}`} size="lg">
      <Stack gap="md">
        <Alert
          color="yellow"
          variant="light"
          icon={<IconScript size={18} />}
          title="The new version wants to run scripts"
        >
          These run on this computer with your rights while it is installed. Without them it may not work; then the
          version that you have is kept.
          <ScriptList scripts={scripts ?? {}} />
        </Alert>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button variant="default" onClick={() => onDecide(false)}>
            Update without scripts
          </Button>
          <Button onClick={() => onDecide(true)}>Run scripts and update</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
