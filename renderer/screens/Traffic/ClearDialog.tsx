import { Text } from '@mantine/core'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'

/** Asks before the record of everybody is emptied. */
export function ClearDialog(props: { opened: boolean; onClear(): void; onClose(): void }) {
  const { opened, onClear, onClose } = props
  return (
    <ConfirmDialog
      opened={opened}
      title="Clear requests"
      confirm="Clear"
      danger
      pending={false}
      error={null}
      onConfirm={() => {
        onClear()
        onClose()
      }}
      onClose={onClose}
    >
      <Text>Every recorded request is deleted, for everybody, on the disk too. This cannot be taken back.</Text>
    </ConfirmDialog>
  )
}
