import { Button, Group, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { AppDetails } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { showAppError } from '../../components/app-actions.ts'
import { notifyDone } from '../../components/notify.tsx'
import { visible } from '../../format/text.ts'
import { QUERY, queryClient } from '../../state/queries.ts'

/** Looks for a newer version when asked to, not before: that an app's page is read is nothing for its source to know. */
export function VersionUpdate(props: { app: AppDetails }) {
  const { app } = props
  const { key } = app
  const check = useMutation({
    mutationFn: () => control('apps.checkForUpdate', { key }),
    onError: (error) => showAppError(app, error),
    meta: { inline: true },
  })
  const update = useMutation({
    mutationFn: () => control('apps.update', { key }),
    onError: (error) => showAppError(app, error),
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
          <Button size="compact-sm" loading={update.isPending} onClick={() => update.mutate()}>
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
    </Group>
  )
}
