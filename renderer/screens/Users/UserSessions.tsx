import { Loader, Modal, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { UserRow } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { SessionTable } from '../../components/SessionTable.tsx'
import { visible } from '../../format/text.ts'
import { QUERY } from '../../state/queries.ts'

export function UserSessions(props: { user: UserRow; onClose(): void }) {
  const { user, onClose } = props
  const sessions = useQuery({
    queryKey: QUERY.userSessions(user.key),
    queryFn: () => control('users.sessions', { key: user.key }),
  })
  return (
    <Modal opened onClose={onClose} title={`Sessions of ${visible(user.username)}`} size="lg">
      {sessions.isError && (
        <ErrorNotice error={sessions.error} action={{ label: 'Try again', run: () => void sessions.refetch() }} />
      )}
      {sessions.isPending && <Loader size="sm" aria-label="Loading sessions" />}
      {sessions.data?.length === 0 && <Text c="dimmed">{visible(user.username)} is not signed in anywhere.</Text>}
      {sessions.data !== undefined && sessions.data.length > 0 && <SessionTable sessions={sessions.data} />}
    </Modal>
  )
}
