import { ActionIcon, Button, Group, Menu, Modal, Stack, Text, TextInput, Tooltip } from '@mantine/core'
import { IconBookmark, IconBookmarkPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { SavedFilter } from '../../../runtime/contract/traffic.ts'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { visible } from '../../format/text.ts'
import { QUERY, queryClient } from '../../state/queries.ts'
import classes from './Filter.module.css'

const remember = (filters: SavedFilter[]) => queryClient.setQueryData(QUERY.savedFilters, filters)

/** Filters that the person keeps under a name. */
export function SavedFilters(props: { text: string; onChoose(text: string): void }) {
  const { text, onChoose } = props
  const [saving, setSaving] = useState(false)
  const saved = useQuery({ queryKey: QUERY.savedFilters, queryFn: () => control('traffic.filters', {}) })
  const remove = useMutation({
    mutationFn: (name: string) => control('traffic.deleteFilter', { name }),
    onSuccess: remember,
  })
  const filters = saved.data ?? []
  return (
    <>
      <Menu position="bottom-end" width={320}>
        <Menu.Target>
          <Tooltip label="Saved filters">
            <ActionIcon size={24} aria-label="Saved filters">
              <IconBookmark size={15} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconBookmarkPlus size={16} />}
            disabled={text.trim() === ''}
            onClick={() => setSaving(true)}
          >
            Save this filter
          </Menu.Item>
          {filters.length > 0 && <Menu.Divider />}
          {filters.map(({ name, filter }) => (
            <Menu.Item key={name} onClick={() => onChoose(filter)} closeMenuOnClick>
              <span>
                <bdi>{visible(name)}</bdi>
              </span>
              <Text size="xs" c="dimmed" className={classes.insert} truncate>
                {visible(filter)}
              </Text>
            </Menu.Item>
          ))}
          {filters.length > 0 && (
            <>
              <Menu.Divider />
              <Menu.Sub>
                <Menu.Sub.Target>
                  <Menu.Sub.Item leftSection={<IconTrash size={16} />}>Delete</Menu.Sub.Item>
                </Menu.Sub.Target>
                <Menu.Sub.Dropdown>
                  {filters.map(({ name }) => (
                    <Menu.Item key={name} onClick={() => remove.mutate(name)}>
                      <bdi>{visible(name)}</bdi>
                    </Menu.Item>
                  ))}
                </Menu.Sub.Dropdown>
              </Menu.Sub>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={saving} onClose={() => setSaving(false)} title="Save this filter" size="sm">
        {saving && <SaveForm filter={text} taken={filters.map(({ name }) => name)} onDone={() => setSaving(false)} />}
      </Modal>
    </>
  )
}

function SaveForm(props: { filter: string; taken: string[]; onDone(): void }) {
  const [name, setName] = useState('')
  const save = useMutation({
    mutationFn: () => control('traffic.saveFilter', { name: name.trim(), filter: props.filter }),
    meta: { inline: true },
    onSuccess: (filters) => {
      remember(filters)
      props.onDone()
    },
  })
  const replaces = props.taken.includes(name.trim())
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '' && !save.isPending) save.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text className={classes.insert}>{visible(props.filter)}</Text>
        <TextInput
          label="Name"
          description={replaces ? 'Replaces the saved filter of this name.' : undefined}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={100}
          autoComplete="off"
          data-autofocus
        />
        {save.isError && <ErrorNotice error={save.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onDone}>
            Cancel
          </Button>
          <Button type="submit" disabled={name.trim() === ''} loading={save.isPending}>
            {replaces ? 'Replace' : 'Save'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
