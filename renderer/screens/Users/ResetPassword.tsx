import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { UserRow } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { NewPassword, passwordProblem, repeatProblem } from '../../components/NewPassword.tsx'
import { notifyDone } from '../../components/notify.tsx'
import { visible } from '../../format/text.ts'

export function ResetPassword(props: { user: UserRow; onClose(): void }) {
  const { user, onClose } = props
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const reset = useMutation({
    mutationFn: () => control('users.resetPassword', { key: user.key, password }),
    meta: { inline: true },
    onSuccess: () => {
      onClose()
      notifyDone(`${user.username} has a new password and was signed out everywhere.`)
    },
  })
  const problems = { password: passwordProblem(password), again: repeatProblem(password, again) }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (problems.password === null && problems.again === null && !reset.isPending) reset.mutate()
  }
  return (
    <Modal opened onClose={onClose} title={`New password for ${visible(user.username)}`} size="sm">
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <Text c="dimmed">
            All of {visible(user.username)}’s sessions end. The old password stops working at once.
          </Text>
          <NewPassword
            label="Password"
            description="At least 10 characters."
            value={password}
            onChange={setPassword}
            error={tried ? problems.password : null}
            autoFocus
          />
          <NewPassword
            label="Confirm password"
            value={again}
            onChange={setAgain}
            error={tried ? problems.again : null}
          />
          {reset.isError && <ErrorNotice error={reset.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={reset.isPending}>
              Set password
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
