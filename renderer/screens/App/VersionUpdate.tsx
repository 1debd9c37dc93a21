import { Button, Group, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { AppDetails } from '../../../runtime/contract/models.ts'
import { CallError, control } from '../../api.ts'
import { showAppError } from '../../components/app-actions.ts'
import { notifyDone } from '../../components/notify.tsx'
import { visible } from '../../format/text.ts'
import { QUERY, queryClient } from '../../state/queries.ts'
import { UpdateScripts } from './UpdateScripts.tsx'

/** Looks for a newer version when asked to, not before: that an app's page is read is nothing for its source to know. */
export function VersionUpdate(props: { app: AppDetails }) {
  const { app } = props
  const { key } = app
  const [scripts, setScripts] = useState<Record<string, string> | null>(null)
  const check = useMutation({
    mutationFn: () => control('apps.checkForUpdate', { key }),
    onError: (error) => showAppError(app, error),
    meta: { inline: true },
  })
  const update = useMutation({
    mutationFn: (allowScripts?: boolean) => {
      setScripts(null)
      return control('apps.update', { key, ...(allowScripts !== undefined && { allowScripts }) })
    },
    onError: (error) => {
      const wanted = scriptsToDecide(error)
      if (wanted === null) showAppError(app, error)
      else setScripts(wanted)
    },
    meta: { inline: true },
    onSuccess: ({ installedVersion }) => {
      check.reset()
      void queryClient.invalidateQueries({ queryKey: QUERY.app(key) })
      notifyDone(`Updated to ${installedVersion ?? 'a version without a number'}.`)
    },
  })
  const found = check.data

  return (
    <Group gap="xs" mt={4}>
      {found?.hasUpdate === true ? (
        <>
          <Text size="sm">{visible(found.latestVersion ?? 'Another version')} is available.</Text>
          <Button size="compact-sm" loading={update.isPending} onClick={() => update.mutate(undefined)}>
            Update
          </Button>
        </>
      ) : (
        <Button size="compact-sm" variant="default" loading={check.isPending} onClick={() => check.mutate()}>
          Check for update
        </Button>
      )}
      <Text size="sm" c="dimmed" role="status">
        {update.isPending && 'Trying the new version…'}
        {found?.hasUpdate === false && !check.isPending && 'This is the newest version.'}
      </Text>
      <UpdateScripts app={app} scripts={scripts} onDecide={update.mutate} onClose={() => setScripts(null)} />
    </Group>
  )
}

function scriptsToDecide(error: Error): Record<string, string> | null {
  if (!(error instanceof CallError) || error.code !== 'SCRIPTS_UNDECIDED') return null
  const { scripts } = error.details
  if (typeof scripts !== 'object' || scripts === null) return null
  return Object.fromEntries(Object.entries(scripts).map(([name, command]) => [name, String(command)]))
}
