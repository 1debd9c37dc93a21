import { Alert, Button, Group, Modal, Select, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Me, TrafficDetails } from '../../../../runtime/contract/models.ts'
import { control } from '../../../api.ts'
import { ErrorNotice } from '../../../components/ErrorNotice.tsx'
import { notifyDone } from '../../../components/notify.tsx'
import { visible } from '../../../format/text.ts'
import { appsStore } from '../../../state/apps.ts'
import { QUERY } from '../../../state/queries.ts'
import { useStore } from '../../../state/store.ts'
import classes from './details.module.css'

/** What a request with these may change is nothing (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const MYSELF = 'me'

interface ReplayProps {
  details: TrafficDetails
  me: Me
  onGo(seq: number): void
  onClose(): void
}

/** Makes a request again, as oneself or, for administrators, as somebody else. */
export function ReplayDialog(props: ReplayProps) {
  return (
    <Modal opened onClose={props.onClose} title="Make this request again" size="md">
      <Form {...props} />
    </Modal>
  )
}

function Form(props: ReplayProps) {
  const { details, me, onGo, onClose } = props
  const [as, setAs] = useState(MYSELF)
  const safe = SAFE.has(details.method)
  const replay = useMutation({
    mutationFn: () => {
      const [kind, key = ''] = as.split(' ')
      return control('traffic.replay', {
        seq: details.seq,
        confirm: !safe,
        ...(kind === 'user' && { as: { user: key } }),
        ...(kind === 'app' && { as: { app: key } }),
      })
    },
    meta: { inline: true },
    onSuccess: ({ seq, status }) => {
      onClose()
      onGo(seq)
      notifyDone(`Made again. The answer was ${status}.`)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!replay.isPending) replay.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text className={classes.mono}>
          {visible(details.method)} <bdi>{visible(details.path)}</bdi>
        </Text>
        {!safe && (
          <Alert color="yellow" variant="light" icon={<IconAlertTriangle size={18} />} py="xs">
            {visible(details.method)} may change something: {visible(details.appId)} may do again what it did then.
          </Alert>
        )}
        {me.user.role === 'admin' ? (
          <As value={as} onChange={setAs} me={me} gateway={details.kind === 'gateway'} />
        ) : (
          <Text c="dimmed">
            It is made as you, {visible(me.user.username)}, and passes the same checks as any other.
          </Text>
        )}
        {replay.isError && <ErrorNotice error={replay.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={replay.isPending} data-autofocus>
            {safe ? 'Replay' : `Replay ${visible(details.method)}`}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function As(props: { value: string; onChange(value: string): void; me: Me; gateway: boolean }) {
  const { value, onChange, me, gateway } = props
  const users = useQuery({ queryKey: QUERY.users, queryFn: () => control('users.list', {}) })
  const apps = useStore(appsStore, (state) => state.byKey)
  const people = (users.data ?? []).filter(({ key }) => key !== me.user.key)
  const groups = [
    { group: 'Yourself', items: [{ value: MYSELF, label: visible(me.user.username) }] },
    { group: 'People', items: people.map(({ key, username }) => ({ value: `user ${key}`, label: visible(username) })) },
    {
      group: 'Apps',
      // Apps call the gateway only.
      items: gateway
        ? [...apps.values()].map(({ key, title }) => ({ value: `app ${key}`, label: visible(title) }))
        : [],
    },
  ]
  return (
    <Select
      label="As"
      description="Whoever it is made as, the record and the audit log say that it was a replay, and yours."
      data={groups.filter(({ items }) => items.length > 0)}
      value={value}
      onChange={(chosen) => onChange(chosen ?? MYSELF)}
      allowDeselect={false}
      searchable={people.length + apps.size > 10}
      comboboxProps={{ withinPortal: true }}
    />
  )
}
