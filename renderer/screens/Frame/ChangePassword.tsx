import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { NewPassword, passwordProblem, repeatProblem } from '../../components/NewPassword.tsx'
import { notifyDone } from '../../components/notify.tsx'

export function ChangePassword(props: { opened: boolean; onClose(): void }) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Change password" size="sm">
      {props.opened && <Form onClose={props.onClose} />}
    </Modal>
  )
}

function Form(props: { onClose(): void }) {
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const change = useMutation({
    mutationFn: () => control('me.changePassword', { current, next }),
    meta: { inline: true },
    onSuccess: () => {
      props.onClose()
      notifyDone('Your password is changed. Your other sessions were signed out.')
    },
  })
  const problems = {
    current: current === '' ? 'Enter your current password.' : null,
    next: passwordProblem(next),
    again: repeatProblem(next, again),
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.values(problems).every((problem) => problem === null) && !change.isPending) change.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text c="dimmed">You stay signed in here. Every other browser and panel is signed out.</Text>
        <PasswordInput
          label="Current password"
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          error={tried ? problems.current : null}
          autoComplete="current-password"
          data-autofocus
        />
        <NewPassword label="New password" value={next} onChange={setNext} error={tried ? problems.next : null} />
        <NewPassword
          label="Confirm new password"
          value={again}
          onChange={setAgain}
          error={tried ? problems.again : null}
        />
        {change.isError && <ErrorNotice error={change.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
