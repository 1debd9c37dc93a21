import { Button, Group, Loader, Table, Text } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApiTokenInfo } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { Safe } from '../../components/Safe.tsx'
import { QUERY, queryClient } from '../../state/queries.ts'
import { CreateToken } from './CreateToken.tsx'
import classes from './Settings.module.css'

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
  const end = useMutation({
    mutationFn: (id: string) => control('me.endToken', { id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: QUERY.myTokens }),
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
          variant="default"
          leftSection={<IconKey size={16} />}
          onClick={() => setCreating(true)}
          style={{ flex: 'none' }}
        >
          New token
        </Button>
      </Group>
      {tokens.data.length > 0 && (
        <TokenTable tokens={tokens.data} ending={end.isPending ? end.variables : null} onEnd={(id) => end.mutate(id)} />
      )}
      <CreateToken opened={creating} onClose={() => setCreating(false)} />
    </div>
  )
}

function TokenTable(props: { tokens: ApiTokenInfo[]; ending: string | null; onEnd(id: string): void }) {
  return (
    <Table aria-label="API tokens">
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
        {props.tokens.map((token) => (
          <Table.Tr key={token.id}>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>
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
                aria-label={`End ${token.name}`}
                loading={props.ending === token.id}
                onClick={() => props.onEnd(token.id)}
              >
                End
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
