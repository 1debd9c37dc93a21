import { List, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { UserRow } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { notifyDone } from '../../components/notify.tsx'
import { plural } from '../../format/text.ts'
import { QUERY, queryClient } from '../../state/queries.ts'

export function DeleteUser(props: { user: UserRow; onClose(): void }) {
  const { user, onClose } = props
  const remove = useMutation({
    mutationFn: () => control('users.delete', { key: user.key, confirmUsername: user.username }),
    meta: { inline: true },
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: QUERY.users })
      onClose()
      notifyDone(`${user.username} is deleted.`)
    },
  })
  return (
    <ConfirmDialog
      opened
      title={`Delete ${user.username}?`}
      confirm="Delete"
      danger
      name={{ label: 'Username', expected: user.username }}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <Stack gap="xs">
        <Text>This will be lost:</Text>
        <List size="sm" spacing={4}>
          <List.Item>the account, its password and all of its sessions</List.Item>
          <List.Item>
            {user.ownedApps === 0
              ? 'no apps: it owns none'
              : `${plural(user.ownedApps, 'app')} that it owns, with what they have stored`}
          </List.Item>
        </List>
        <Text c="dimmed">The audit log keeps what was done, by key.</Text>
      </Stack>
    </ConfirmDialog>
  )
}
