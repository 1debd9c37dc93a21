import { Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { UserRow } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { notifyDone } from '../../components/notify.tsx'
import { visible } from '../../format/text.ts'
import { QUERY, queryClient } from '../../state/queries.ts'

export function RoleChange(props: { user: UserRow; onClose(): void }) {
  const { user, onClose } = props
  const promote = user.role !== 'admin'
  const change = useMutation({
    mutationFn: () => control('users.update', { key: user.key, role: promote ? 'admin' : '' }),
    meta: { inline: true },
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: QUERY.users })
      onClose()
      notifyDone(promote ? `${user.username} is an administrator now.` : `${user.username} is a member now.`)
    },
  })
  const name = visible(user.username)
  return (
    <ConfirmDialog
      opened
      title={promote ? `Make ${user.username} an administrator?` : `Make ${user.username} a member?`}
      confirm={promote ? 'Make administrator' : 'Make member'}
      pending={change.isPending}
      error={change.error}
      onConfirm={() => change.mutate()}
      onClose={onClose}
    >
      <Text>
        {promote
          ? `${name} will be able to install for everyone, manage users, and see the audit log and all traffic.`
          : `${name} will see and manage only what is theirs.`}{' '}
        {name} is signed out everywhere and has to sign in again.
      </Text>
    </ConfirmDialog>
  )
}
