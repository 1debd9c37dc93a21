import { Badge, Button, Table } from '@mantine/core'
import { IconAppWindow, IconWorld } from '@tabler/icons-react'
import type { SessionInfo } from '../../runtime/contract/models.ts'
import { RelativeTime } from './RelativeTime.tsx'
import { Safe } from './Safe.tsx'

/** A person's sessions; with a button each where they may be ended one by one. */
export function SessionTable(props: { sessions: SessionInfo[]; ending?: string | null; onEnd?(id: string): void }) {
  const { sessions, ending = null, onEnd } = props
  return (
    <Table aria-label="Sessions">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Where</Table.Th>
          <Table.Th>Since</Table.Th>
          <Table.Th>Last seen</Table.Th>
          <Table.Th>Ends</Table.Th>
          {onEnd !== undefined && (
            <Table.Th>
              <span className="visually-hidden">Actions</span>
            </Table.Th>
          )}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sessions.map((session) => {
          const Icon = session.kind === 'panel' ? IconAppWindow : IconWorld
          return (
            <Table.Tr key={session.id}>
              <Table.Td>
                <span style={{ display: 'flex', alignItems: 'center', gap: 8 }}>
                  <Icon size={16} stroke={1.7} aria-hidden="true" style={{ flex: 'none' }} />
                  <Safe text={session.client} />
                  {session.current && (
                    <Badge size="sm" variant="default" tt="none" style={{ flex: 'none' }}>
                      this one
                    </Badge>
                  )}
                </span>
              </Table.Td>
              <Table.Td>
                <RelativeTime at={session.createdAt} />
              </Table.Td>
              <Table.Td>
                <RelativeTime at={session.lastSeenAt} />
              </Table.Td>
              <Table.Td>
                <RelativeTime at={session.expiresAt} />
              </Table.Td>
              {onEnd !== undefined && (
                <Table.Td ta="right">
                  {!session.current && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      loading={ending === session.id}
                      onClick={() => onEnd(session.id)}
                    >
                      End
                    </Button>
                  )}
                </Table.Td>
              )}
            </Table.Tr>
          )
        })}
      </Table.Tbody>
    </Table>
  )
}
