import { Alert, Button, Group, Loader, TextInput } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { HostSettings as Stored } from '../../../runtime/contract/models.ts'
import { control, desktop } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { notifyDone } from '../../components/notify.tsx'
import { hostStore } from '../../state/panel.ts'
import { QUERY, queryClient } from '../../state/queries.ts'
import { useStore } from '../../state/store.ts'
import { portProblem } from './port.ts'
import classes from './Settings.module.css'

export function HostSettings() {
  const settings = useQuery({ queryKey: QUERY.settings, queryFn: () => control('settings.get', {}) })
  if (settings.isError) {
    return <ErrorNotice error={settings.error} action={{ label: 'Try again', run: () => void settings.refetch() }} />
  }
  if (settings.data === undefined) return <Loader size="sm" aria-label="Loading" />
  return <Form stored={settings.data} />
}

function Form(props: { stored: Stored }) {
  const { stored } = props
  const host = useStore(hostStore, (status) => status)
  const [port, setPort] = useState(String(stored.port))
  const [domain, setDomain] = useState(stored.domain)
  const change = useMutation({
    mutationFn: () => control('settings.update', { port: Number(port), domain: domain.trim() }),
    meta: { inline: true },
    onSuccess: (next) => {
      queryClient.setQueryData(QUERY.settings, next)
      notifyDone('Saved.')
    },
  })
  const quit = useMutation({ mutationFn: () => desktop('desktop.quit', {}) })
  const problem = portProblem(port)
  const dirty = port.trim() !== String(stored.port) || domain.trim() !== stored.domain
  const ready = dirty && problem === null && domain.trim() !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready && !change.isPending) change.mutate()
  }
  const taken = host?.portTaken ?? null
  return (
    <form className={classes.box} onSubmit={submit} noValidate>
      {stored.restartNeeded && (
        <Alert color="yellow" variant="light" icon={<IconRefresh size={18} />} py="xs">
          <Group justify="space-between" wrap="nowrap">
            A new port or domain counts from the next start of Atek.
            <Button size="compact-sm" variant="default" loading={quit.isPending} onClick={() => quit.mutate()}>
              Quit Atek
            </Button>
          </Group>
        </Alert>
      )}
      <TextInput
        label="Port"
        description={
          taken === null || host === null
            ? 'Apps and sign-in answer on this port of this computer only.'
            : `${taken} was taken by another program, so ${host.port} is used.`
        }
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        inputMode="numeric"
        value={port}
        onChange={(event) => setPort(event.currentTarget.value)}
        error={problem}
        styles={{ wrapper: { maxWidth: 240 } }}
      />
      <TextInput
        label="Domain"
        description="Apps have their addresses below it. “localhost” needs no set-up."
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={domain}
        onChange={(event) => setDomain(event.currentTarget.value.toLowerCase())}
        spellCheck={false}
        autoComplete="off"
        styles={{ wrapper: { maxWidth: 360 } }}
      />
      {change.isError && <ErrorNotice error={change.error} />}
      <Group>
        <Button type="submit" disabled={!ready} loading={change.isPending}>
          Save
        </Button>
      </Group>
    </form>
  )
}
