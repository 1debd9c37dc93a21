import { Button, Loader, Table } from '@mantine/core'
import { IconUserPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Me, UserRow as UserRowData } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Centred, Page } from '../../components/Page.tsx'
import { QUERY } from '../../state/queries.ts'
import { AddUser } from './AddUser.tsx'
import { DeleteUser } from './DeleteUser.tsx'
import { ResetPassword } from './ResetPassword.tsx'
import { RoleChange } from './RoleChange.tsx'
import { SignOutEverywhere } from './SignOutEverywhere.tsx'
import { type UserAction, UserRow } from './UserRow.tsx'
import { UserSessions } from './UserSessions.tsx'

/** The people who may use this host. */
export function UsersScreen(props: { me: Me }) {
  const { me } = props
  const users = useQuery({ queryKey: QUERY.users, queryFn: () => control('users.list', {}) })
  const [adding, setAdding] = useState(false)
  const [dialog, setDialog] = useState<{ action: UserAction; user: UserRowData } | null>(null)
  const close = () => setDialog(null)
  return (
    <Page
      title="Users"
      actions={
        <Button leftSection={<IconUserPlus size={16} />} onClick={() => setAdding(true)}>
          Add user
        </Button>
      }
    >
      {users.isError && (
        <ErrorNotice error={users.error} action={{ label: 'Try again', run: () => void users.refetch() }} />
      )}
      {users.isPending && (
        <Centred>
          <Loader size="sm" aria-label="Loading users" />
        </Centred>
      )}
      {users.data !== undefined && (
        <Table.ScrollContainer minWidth={700}>
          <Table highlightOnHover aria-label="Users">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Role</Table.Th>
                <Table.Th>Sessions</Table.Th>
                <Table.Th>Last seen</Table.Th>
                <Table.Th>Apps</Table.Th>
                <Table.Th>
                  <span className="visually-hidden">Actions</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {users.data.map((user) => (
                <UserRow
                  key={user.key}
                  user={user}
                  mine={user.key === me.user.key}
                  onAction={(action) => setDialog({ action, user })}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <AddUser opened={adding} onClose={() => setAdding(false)} />
      {dialog?.action === 'reset' && <ResetPassword user={dialog.user} onClose={close} />}
      {dialog?.action === 'sign-out' && <SignOutEverywhere user={dialog.user} onClose={close} />}
      {dialog?.action === 'delete' && <DeleteUser user={dialog.user} onClose={close} />}
      {dialog?.action === 'role' && <RoleChange user={dialog.user} onClose={close} />}
      {dialog?.action === 'sessions' && <UserSessions user={dialog.user} onClose={close} />}
    </Page>
  )
}
