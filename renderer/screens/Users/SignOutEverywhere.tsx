import { Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { UserRow } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { notifyDone } from '../../components/notify.tsx'
import { plural, visible } from '../../format/text.ts'

export function SignOutEverywhere(props: { user: UserRow; onClose(): void }) {
  const { user, onClose } = props
  const signOut = useMutation({
    mutationFn: () => control('users.signOutEverywhere', { key: user.key }),
    meta: { inline: true },
    onSuccess: () => {
      onClose()
      notifyDone(`${user.username} was signed out everywhere.`)
    },
  })
  return (
    <ConfirmDialog
      opened
      title={`Sign ${user.username} out everywhere?`}
      confirm="Sign out everywhere"
      pending={signOut.isPending}
      error={signOut.error}
      onConfirm={() => signOut.mutate()}
      onClose={onClose}
    >
      <Text>
        {plural(user.sessions, 'session')} and all API tokens of {visible(user.username)} end at once, with every open
        connection to an app. Signing in again needs the password.
      </Text>
    </ConfirmDialog>
  )
}
