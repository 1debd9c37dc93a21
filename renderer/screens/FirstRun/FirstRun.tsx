import { Button, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { desktop, toCallError } from '../../api.ts'
import { Card } from '../../components/Card.tsx'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { NewPassword, passwordProblem, repeatProblem } from '../../components/NewPassword.tsx'
import { Notices } from '../../components/Notices.tsx'

/** Makes the first account; the main process then announces that the panel is ready. */
export function FirstRun(props: { notices: string[] }) {
  useDocumentTitle('Welcome to Atek')
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const create = useMutation({
    mutationFn: () => desktop('panel.createFirstUser', { username: username.trim(), password }),
    meta: { inline: true },
  })

  const problems = {
    username: username.trim() === '' ? 'Enter a username.' : null,
    password: passwordProblem(password),
    again: repeatProblem(password, again),
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.values(problems).every((problem) => problem === null) && !create.isPending) create.mutate()
  }
  return (
    <Card>
      <form onSubmit={submit} noValidate>
        <Stack gap="md" mt="md">
          <div>
            <Title order={1}>Welcome to Atek</Title>
            <Text c="dimmed" mt={4}>
              Make your account. It is the administrator of this computer’s Atek: it installs apps and adds people.
            </Text>
          </div>
          <Notices notices={props.notices} />
          <TextInput
            label="Username"
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
            error={tried ? problems.username : null}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
          />
          <NewPassword
            label="Password"
            description="At least 10 characters. A few words are better than signs."
            value={password}
            onChange={setPassword}
            error={tried ? problems.password : null}
          />
          <NewPassword
            label="Confirm password"
            value={again}
            onChange={setAgain}
            error={tried ? problems.again : null}
          />
          {create.isError && <ErrorNotice error={toCallError(create.error)} />}
          <Button type="submit" loading={create.isPending} fullWidth>
            Create account
          </Button>
          <Text size="xs" c="dimmed">
            Everything stays on this computer. Atek keeps only a fingerprint of the password, so it cannot be shown
            again.
          </Text>
        </Stack>
      </form>
    </Card>
  )
}
