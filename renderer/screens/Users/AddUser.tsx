import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { NewPassword, passwordProblem } from '../../components/NewPassword.tsx'
import { notifyDone } from '../../components/notify.tsx'
import { QUERY, queryClient } from '../../state/queries.ts'

export function AddUser(props: { opened: boolean; onClose(): void }) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Add user" size="sm">
      {props.opened && <Form onClose={props.onClose} />}
    </Modal>
  )
}

function Form(props: { onClose(): void }) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [admin, setAdmin] = useState(false)
  const [tried, setTried] = useState(false)
  const create = useMutation({
    mutationFn: () => control('users.create', { username: username.trim(), password, role: admin ? 'admin' : '' }),
    meta: { inline: true },
    onSuccess: (user) => {
      void queryClient.invalidateQueries({ queryKey: QUERY.users })
      props.onClose()
      notifyDone(`${user.username} can sign in now.`)
    },
  })
  const problems = {
    username: username.trim() === '' ? 'Enter a username.' : null,
    password: passwordProblem(password),
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (problems.username === null && problems.password === null && !create.isPending) create.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label="Username"
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          error={tried ? problems.username : null}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
        />
        <NewPassword
          label="Password"
          description="At least 10 characters. Hand it over in person; it can be changed after signing in."
          value={password}
          onChange={setPassword}
          error={tried ? problems.password : null}
        />
        <Checkbox
          label="Administrator"
          description="May install for everyone, manage users, see the audit log and all traffic."
          checked={admin}
          onChange={(event) => setAdmin(event.currentTarget.checked)}
        />
        {create.isError && <ErrorNotice error={create.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create user
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
