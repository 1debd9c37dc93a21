import { Button, Group, Loader, Stack, Switch, Text, TextInput, Title } from '@mantine/core'
import { IconApps, IconPlus, IconSearch } from '@tabler/icons-react'
import { useDeferredValue, useMemo, useState } from 'react'
import type { Me } from '../../../runtime/contract/models.ts'
import { CallError } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import pageClasses from '../../components/Page.module.css'
import { Centred, Page } from '../../components/Page.tsx'
import { appsStore } from '../../state/apps.ts'
import { openInstallDialog } from '../../state/install-dialog.ts'
import { loadApps } from '../../state/load.ts'
import { useStore } from '../../state/store.ts'
import { ExampleTiles } from '../Install/ExampleTiles.tsx'
import { AppList } from './AppList.tsx'
import { type AppSort, listApps } from './app-list.ts'

export function AppsScreen(props: { me: Me }) {
  const { status, error, byKey } = useStore(appsStore, (state) => state)
  const [search, setSearch] = useState('')
  const [sort, setSort] = useState<{ by: AppSort; descending: boolean }>({ by: 'title', descending: false })
  const [groupByOwner, setGroupByOwner] = useState(false)
  const wanted = useDeferredValue(search)
  const groups = useMemo(
    () => listApps(byKey.values(), { search: wanted, sort: sort.by, descending: sort.descending, groupByOwner }),
    [byKey, wanted, sort, groupByOwner],
  )
  const some = byKey.size > 0
  const found = groups.some((group) => group.apps.length > 0)

  const changeSort = (by: AppSort) =>
    setSort((before) => ({
      by,
      descending: before.by === by ? !before.descending : by === 'memory' || by === 'requests',
    }))

  return (
    <Page
      title="Apps"
      fill
      tools={
        some && (
          <Group gap="md" justify="flex-end" wrap="nowrap">
            <Switch
              size="xs"
              label="Group by owner"
              checked={groupByOwner}
              onChange={(event) => setGroupByOwner(event.currentTarget.checked)}
            />
            <TextInput
              aria-label="Search apps"
              placeholder="Search"
              leftSection={<IconSearch size={15} aria-hidden="true" />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
              w={200}
            />
          </Group>
        )
      }
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => openInstallDialog()}>
          Install app
        </Button>
      }
    >
      <div className={pageClasses.body}>
        {status === 'failed' && error !== null && (
          <div className={pageClasses.padded}>
            <ErrorNotice error={new CallError(error)} action={{ label: 'Try again', run: () => void loadApps() }} />
          </div>
        )}
        {status === 'loading' && !some && (
          <Centred>
            <Loader size="sm" aria-label="Loading apps" />
          </Centred>
        )}
        {status === 'ready' && !some && <NoApps />}
        {some && !found && (
          <Centred>
            <Stack align="center" gap="xs">
              <Text>No app matches “{wanted}”.</Text>
              <Button variant="default" onClick={() => setSearch('')}>
                Show all
              </Button>
            </Stack>
          </Centred>
        )}
        {some && found && <AppList groups={groups} sort={sort} onSort={changeSort} me={props.me} />}
      </div>
    </Page>
  )
}

/** An empty screen says what to do next: the bundled examples, one click each. */
function NoApps() {
  return (
    <Centred>
      <Stack align="center" gap="md" w="100%">
        <IconApps size={40} stroke={1.3} color="var(--mantine-color-dimmed)" aria-hidden="true" />
        <Stack align="center" gap={4}>
          <Title order={2}>Install your first app</Title>
          <Text c="dimmed" ta="center" maw={460}>
            Start with an example, or drop a folder with an app anywhere on this window. You see what it is before
            anything is installed.
          </Text>
        </Stack>
        <ExampleTiles
          onPick={(example) => openInstallDialog({ tab: 'example', source: example.sourceUrl, reviewNow: true })}
        />
      </Stack>
    </Centred>
  )
}
