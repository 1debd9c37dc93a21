import { Checkbox, List, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { AppSummary, SourceType } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { notifyDone } from '../../components/notify.tsx'
import { Safe } from '../../components/Safe.tsx'
import { shortAddress } from '../../format/address.ts'
import { visible } from '../../format/text.ts'

const LOST_CODE: Partial<Record<SourceType, string>> = {
  file: 'nothing in its folder: the code stays where it is',
  upstream: 'nothing of the app itself: it goes on running where it is',
}

/** Says what will be lost, asks for the app's ID, and leaves its data alone unless told otherwise. */
export function UninstallDialog(props: { app: AppSummary; opened: boolean; onClose(): void }) {
  const { app, opened, onClose } = props
  const [, navigate] = useLocation()
  const [deleteData, setDeleteData] = useState(false)
  const uninstall = useMutation({
    mutationFn: () => control('apps.uninstall', { key: app.key, deleteData, confirmId: app.id }),
    meta: { inline: true },
    onSuccess: () => {
      onClose()
      navigate('/apps')
      notifyDone(`${app.title} is uninstalled.${deleteData ? ' Its data is deleted.' : ''}`)
    },
  })
  const close = () => {
    uninstall.reset()
    setDeleteData(false)
    onClose()
  }
  return (
    <ConfirmDialog
      opened={opened}
      title={`Uninstall ${app.title}?`}
      confirm="Uninstall"
      danger
      name={{ label: 'App ID', expected: app.id }}
      pending={uninstall.isPending}
      error={uninstall.error}
      onConfirm={() => uninstall.mutate()}
      onClose={close}
    >
      <Stack gap="xs">
        <Text>This will be lost:</Text>
        <List size="sm" spacing={4}>
          <List.Item>
            its address <Safe text={shortAddress(app.address)} /> and its service key, which is never given out again
          </List.Item>
          <List.Item>its configuration and its log</List.Item>
          <List.Item>{LOST_CODE[app.sourceType] ?? 'its installed code'}</List.Item>
        </List>
        <Checkbox
          mt="xs"
          label="Delete its data, too"
          description={`What ${visible(app.title)} has stored for all of its users. This cannot be undone.`}
          checked={deleteData}
          onChange={(event) => setDeleteData(event.currentTarget.checked)}
        />
      </Stack>
    </ConfirmDialog>
  )
}
