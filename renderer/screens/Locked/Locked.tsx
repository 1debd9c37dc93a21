import { Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { desktop } from '../../api.ts'
import { Card } from '../../components/Card.tsx'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Notices } from '../../components/Notices.tsx'

/** The panel without a person: the host and its apps go on meanwhile. */
export function Locked(props: { lastUsername: string | null; notices: string[] }) {
  useDocumentTitle('Sign in to Atek')
  const [username, setUsername] = useState(props.lastUsername ?? '')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => desktop('panel.signIn', { username: username.trim(), password }),
    onError: () => setPassword(''),
    meta: { inline: true },
  })
  const ready = username.trim() !== '' && password !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready && !signIn.isPending) signIn.mutate()
  }
  const known = props.lastUsername !== null
  return (
    <Card>
      <form onSubmit={submit} noValidate>
        <Stack gap="md" mt="md">
          <div>
            <Title order={1}>Sign in to Atek</Title>
            <Text c="dimmed" mt={4}>
              Your apps go on running while the panel is locked.
            </Text>
          </div>
          <Notices notices={props.notices} />
          <TextInput
            label="Username"
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus={!known}
          />
          <PasswordInput
            label="Password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            autoFocus={known}
          />
          {signIn.isError && <ErrorNotice error={signIn.error} />}
          <Button type="submit" disabled={!ready} loading={signIn.isPending} fullWidth>
            Sign in
          </Button>
        </Stack>
      </form>
    </Card>
  )
}
