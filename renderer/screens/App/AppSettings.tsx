import { Alert, Button, Group, NativeSelect, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { AppDetails, AppState, ProcessStats } from '../../../runtime/contract/models.ts'
import type { Autostart } from '../../../runtime/contract/schemas.ts'
import { control, toCallError } from '../../api.ts'
import { isUp, useAppAction } from '../../components/app-actions.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { headerProblem } from '../../components/header-problem.ts'
import { IdentityHeaders } from '../../components/IdentityHeaders.tsx'
import { notifyDone } from '../../components/notify.tsx'
import { addressWithId } from '../../format/address.ts'
import { visible } from '../../format/text.ts'
import { QUERY, queryClient } from '../../state/queries.ts'
import { noteConfigChange, restartNeededStore, runsOldConfig } from '../../state/restart-needed.ts'
import { useStore } from '../../state/store.ts'
import classes from './App.module.css'
import { ConfigEditor } from './ConfigEditor.tsx'
import { entryProblems, sameConfig, toConfig, toEntries } from './config-entries.ts'

const AUTOSTART: Record<Autostart, { label: string; help: string }> = {
  always: { label: 'With Atek', help: 'It starts whenever Atek starts.' },
  'on-request': { label: 'When it is asked for', help: 'The first request starts it and waits until it is ready.' },
  never: { label: 'Only by hand', help: 'It runs only after somebody pressed Start.' },
}

/** ID, start and environment of an app. Saved as one. `app` is as stored, `state` and `process` are as of now. */
export function AppSettings(props: { app: AppDetails; admin: boolean; state: AppState; process: ProcessStats | null }) {
  const { app, admin, state, process } = props
  const [id, setId] = useState(app.id)
  const [autostart, setAutostart] = useState(app.autostart)
  const [entries, setEntries] = useState(() => toEntries(app.config))
  const elsewhere = app.sourceType === 'upstream'
  const knownAddress = app.sourceUrl.replace(/^upstream:/, '')
  const [address, setAddress] = useState(knownAddress)
  const [headers, setHeaders] = useState(app.identityHeaders)
  const knownOrigins = app.externalOrigins.join('\n')
  const [origins, setOrigins] = useState(knownOrigins)
  const restartNeeded = useStore(restartNeededStore, (noted) => runsOldConfig(noted, app.key, process))
  const { run, pending } = useAppAction(app)

  const config = toConfig(entries)
  const problems = entryProblems(entries)
  const changed = {
    ...(id.trim() === app.id ? {} : { id: id.trim() }),
    ...(autostart === app.autostart ? {} : { autostart }),
    ...(sameConfig(config, app.config) ? {} : { config }),
    ...(address.trim() === knownAddress ? {} : { sourceUrl: `upstream:${address.trim()}` }),
    ...(JSON.stringify(headers) === JSON.stringify(app.identityHeaders) ? {} : { identityHeaders: headers }),
    ...(origins === knownOrigins ? {} : { externalOrigins: origins.split(/\s+/).filter((line) => line !== '') }),
  }
  const dirty = Object.keys(changed).length > 0
  const ready = dirty && problems.size === 0 && id.trim() !== ''

  const save = useMutation({
    mutationFn: () => control('apps.configure', { key: app.key, ...changed }),
    meta: { inline: true },
    onSuccess: (details) => {
      if ('config' in changed) noteConfigChange(app.key, process)
      queryClient.setQueryData(QUERY.app(app.key), details)
      notifyDone('Saved.')
    },
  })
  /** Part of the input that was refused. */
  const refused = save.isError ? toCallError(save.error) : null
  const problem = headerProblem(refused, headers)
  /** What was said about the old value is not about the new one. */
  const edit =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value)
      if (save.isError) save.reset()
    }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready && !save.isPending) save.mutate()
  }
  const undo = () => {
    setId(app.id)
    setAutostart(app.autostart)
    setEntries(toEntries(app.config))
    setAddress(knownAddress)
    setHeaders(app.identityHeaders)
    setOrigins(knownOrigins)
    save.reset()
  }

  return (
    <form className={classes.form} onSubmit={submit}>
      <Stack gap="lg">
        {restartNeeded && (
          <Alert color="yellow" variant="light" icon={<IconRefresh size={18} />} py="xs">
            {visible(app.title)} still runs with its old environment.{' '}
            <Button
              size="compact-sm"
              variant="default"
              ml="xs"
              loading={pending === 'restart'}
              onClick={() => run('restart')}
            >
              Restart now
            </Button>
          </Alert>
        )}
        <TextInput
          label="ID"
          description={`Its address becomes ${addressWithId(visible(app.address), visible(id.trim()) || '…')}. Links to the old one stop working.`}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={id}
          onChange={(event) => edit(setId)(event.currentTarget.value.toLowerCase())}
          error={refused?.code === 'ID_TAKEN' || refused?.details.field === 'id'}
          disabled={!app.may.manage}
          spellCheck={false}
          autoComplete="off"
        />
        {elsewhere ? (
          <TextInput
            label="Where the app is"
            description={`Requests go there as soon as it is saved.${admin ? '' : ' Only an administrator can change it.'}`}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={address}
            onChange={(event) => edit(setAddress)(event.currentTarget.value)}
            error={refused?.code === 'SOURCE_INVALID' || refused?.details.field === 'sourceUrl'}
            disabled={!app.may.manage || !admin}
            spellCheck={false}
            autoComplete="off"
          />
        ) : (
          <>
            <NativeSelect
              label="Autostart"
              description={AUTOSTART[autostart].help}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              data={Object.entries(AUTOSTART).map(([value, { label }]) => ({ value, label }))}
              value={autostart}
              disabled={!app.may.manage}
              onChange={(event) => setAutostart(event.currentTarget.value as Autostart)}
            />
            <div>
              <Title order={2} fz="sm">
                Configuration
              </Title>
              <Text size="xs" c="dimmed" mb="xs">
                The app gets these as environment variables, in capital letters. A change counts from its next start.
              </Text>
              <ConfigEditor entries={entries} problems={problems} onChange={setEntries} />
            </div>
          </>
        )}
        <IdentityHeaders headers={headers} onChange={edit(setHeaders)} disabled={!app.may.manage} problem={problem} />
        <Textarea
          label="External addresses"
          description="For a proxy of your own that serves this app and asks Atek who calls. One address a line, like https://wiki.example.org. See “Other proxies” in the documentation."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={origins}
          onChange={(event) => edit(setOrigins)(event.currentTarget.value)}
          error={String(refused?.details.field).startsWith('externalOrigins')}
          disabled={!app.may.manage}
          autosize
          minRows={1}
          spellCheck={false}
        />
      </Stack>
      {dirty && (
        <div className={classes.saveBar}>
          {/* Here it is in sight, wherever the form is scrolled to. */}
          {save.isError && <ErrorNotice error={save.error} message={problem?.message} />}
          <Group gap="xs">
            <Button type="submit" disabled={!ready} loading={save.isPending}>
              Save
            </Button>
            <Button variant="default" onClick={undo}>
              Undo changes
            </Button>
            {'config' in changed && isUp(state) && (
              <Text size="xs" c="dimmed">
                The new configuration needs a restart of the app.
              </Text>
            )}
          </Group>
        </div>
      )}
    </form>
  )
}
