import { Button, Group, Loader, Table, Text } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { ApiTokenInfo } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { Safe } from '../../components/Safe.tsx'
import { visible } from '../../format/text.ts'
import { QUERY, queryClient } from '../../state/queries.ts'
import { CreateToken } from './CreateToken.tsx'
import classes from './Settings.module.css'

/** So many are shown at first: the list must not bury what comes after it. */
const FEW = 8

/** What lets this person's scripts call the host; each can be ended. */
export function MyTokens() {
  const tokens = useQuery({
    queryKey: QUERY.myTokens,
    queryFn: () => control('me.tokens', {}),
    refetchOnMount: 'always',
    // A script's use of one is not announced: it would be at each request.
    refetchInterval: 10_000,
  })
  const [creating, setCreating] = useState(false)
  const [ending, setEnding] = useState<ApiTokenInfo | null>(null)
  const newButton = useRef<HTMLButtonElement>(null)
  const end = useMutation({
    mutationFn: (id: string) => control('me.endToken', { id }),
    meta: { inline: true },
    onSuccess: () => {
      setEnding(null)
      void queryClient.invalidateQueries({ queryKey: QUERY.myTokens })
      // The button that was pressed goes away with its row.
      newButton.current?.focus()
    },
  })
  if (tokens.isError) {
    return <ErrorNotice error={tokens.error} action={{ label: 'Try again', run: () => void tokens.refetch() }} />
  }
  if (tokens.data === undefined) return <Loader size="sm" aria-label="Loading API tokens" />
  return (
    <div className={classes.box}>
      <Group justify="space-between" wrap="nowrap">
        <Text c="dimmed">
          A script that has one calls Atek as you, without your password. One that is not used for a week ends by
          itself.
        </Text>
        <Button
          ref={newButton}
          variant="default"
          leftSection={<IconKey size={16} />}
          onClick={() => setCreating(true)}
          style={{ flex: 'none' }}
        >
          New token
        </Button>
      </Group>
      {tokens.data.length > 0 && <TokenTable tokens={tokens.data} onEnd={setEnding} />}
      <ConfirmDialog
        opened={ending !== null}
        title={`End the API token “${ending?.name ?? ''}”?`}
        confirm="End token"
        danger
        pending={end.isPending}
        error={end.error}
        onConfirm={() => {
          if (ending !== null) end.mutate(ending.id)
        }}
        onClose={() => {
          end.reset()
          setEnding(null)
        }}
      >
        <Text>Scripts that use it can no longer call Atek. This cannot be undone.</Text>
      </ConfirmDialog>
      <CreateToken opened={creating} onClose={() => setCreating(false)} />
    </div>
  )
}

function TokenTable(props: { tokens: ApiTokenInfo[]; onEnd(token: ApiTokenInfo): void }) {
  const { tokens, onEnd } = props
  const [all, setAll] = useState(false)
  // One more than a few is shown as soon as the button that would show it.
  const shown = all || tokens.length <= FEW + 1 ? tokens : tokens.slice(0, FEW)
  return (
    <div>
      <Table aria-label="API tokens" className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Made</Table.Th>
            <Table.Th>Last used</Table.Th>
            <Table.Th>Ends</Table.Th>
            <Table.Th>
              <span className="visually-hidden">Actions</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((token) => (
            <Table.Tr key={token.id}>
              <Table.Td className={classes.name}>
                <Safe text={token.name} />
                {token.origin === 'password' && (
                  <Text c="dimmed" size="xs">
                    made with your password
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <RelativeTime at={token.createdAt} />
              </Table.Td>
              <Table.Td>
                {token.lastUsedAt === null ? <Text c="dimmed">never</Text> : <RelativeTime at={token.lastUsedAt} />}
              </Table.Td>
              <Table.Td>
                <RelativeTime at={token.expiresAt} />
              </Table.Td>
              <Table.Td ta="right">
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`End ${visible(token.name)}`}
                  onClick={() => onEnd(token)}
                >
                  End
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {shown.length < tokens.length && (
        <Button mt="xs" size="compact-sm" variant="subtle" onClick={() => setAll(true)}>
          Show all {tokens.length}
        </Button>
      )}
    </div>
  )
}
