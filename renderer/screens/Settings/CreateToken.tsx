import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { control } from '../../api.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { hostStore } from '../../state/panel.ts'
import { QUERY, queryClient } from '../../state/queries.ts'
import { useStore } from '../../state/store.ts'
import classes from './Settings.module.css'

/** Makes an API token. The token itself is shown once; it is nowhere in the panel afterwards. */
export function CreateToken(props: { opened: boolean; onClose(): void }) {
  const [made, setMade] = useState<string | null>(null)
  const close = () => {
    setMade(null)
    props.onClose()
  }
  return (
    <Modal
      opened={props.opened}
      onClose={close}
      title={made === null ? 'New API token' : 'Copy this token now'}
      size="md"
      // A click beside it must not take away what is shown only once.
      closeOnClickOutside={made === null}
    >
      {props.opened &&
        (made === null ? <Form onMade={setMade} onClose={close} /> : <Made token={made} onClose={close} />)}
    </Modal>
  )
}

function Form(props: { onMade(token: string): void; onClose(): void }) {
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const create = useMutation({
    mutationFn: () => control('me.createToken', { name: name.trim() }),
    meta: { inline: true },
    onSuccess: ({ refreshToken }) => {
      void queryClient.invalidateQueries({ queryKey: QUERY.myTokens })
      props.onMade(refreshToken)
    },
  })
  const problem = name.trim() === '' ? 'Enter a name.' : null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (problem === null && !create.isPending) create.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="What it is for, so that you know it again."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={tried ? problem : null}
          maxLength={64}
          autoComplete="off"
          data-autofocus
        />
        {create.isError && <ErrorNotice error={create.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create token
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Made(props: { token: string; onClose(): void }) {
  const port = useStore(hostStore, (status) => status?.port ?? null)
  const body = useRef<HTMLDivElement>(null)
  // The form that had the focus is gone; the next thing to do takes it on.
  useEffect(() => body.current?.querySelector('button')?.focus(), [])
  const command = `curl http://localhost:${port ?? ''}/_atek/token -d grant_type=refresh_token -d refresh_token=TOKEN`
  return (
    <Stack gap="md" ref={body}>
      <Text>It is shown this once. Whoever has it can act as you: keep it where only your script can read it.</Text>
      <Secret label="Refresh token" text={props.token} copy="Copy token" unbroken />
      <Text c="dimmed">
        Your script trades it for an access token, which is good for 15 minutes, and the next refresh token. Each works
        once; using one twice ends the API token. Put the token in the place of TOKEN:
      </Text>
      <Secret label="How to trade it" text={command} copy="Copy command" />
      <Group justify="flex-end">
        <Button onClick={props.onClose}>Done</Button>
      </Group>
    </Stack>
  )
}

/** `unbroken`: a text without words, which fills its lines. */
function Secret(props: { label: string; text: string; copy: string; unbroken?: boolean }) {
  return (
    <section aria-label={props.label}>
      <div className={classes.secret}>
        <span className={props.unbroken === true ? `${classes.mono} ${classes.unbroken}` : classes.mono}>
          {props.text}
        </span>
        <CopyButton text={props.text} label={props.copy} />
      </div>
    </section>
  )
}
