import { ActionIcon, Anchor, Badge, Table, Tooltip } from '@mantine/core'
import { IconKey, IconLogout, IconShieldDown, IconShieldUp, IconTrash } from '@tabler/icons-react'
import type { UserRow as UserRowData } from '../../../runtime/contract/models.ts'
import { UserAvatar } from '../../components/AppIcon.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { Safe } from '../../components/Safe.tsx'
import { plural } from '../../format/text.ts'
import classes from './Users.module.css'

/** What can be done with a person from the table. */
export type UserAction = 'reset' | 'sign-out' | 'delete' | 'role' | 'sessions'

export function UserRow(props: { user: UserRowData; mine: boolean; onAction(action: UserAction): void }) {
  const { user, mine, onAction } = props
  const admin = user.role === 'admin'
  const actions = [
    {
      action: 'role',
      label: admin ? 'Make member' : 'Make administrator',
      icon: admin ? IconShieldDown : IconShieldUp,
    },
    { action: 'reset', label: 'Reset password', icon: IconKey },
    { action: 'sign-out', label: 'Sign out everywhere', icon: IconLogout },
    { action: 'delete', label: 'Delete', icon: IconTrash },
  ] as const
  return (
    <Table.Tr>
      <Table.Td>
        <div className={classes.person}>
          <UserAvatar userKey={user.key} name={user.username} size={26} />
          <b>
            <Safe text={user.username} />
          </b>
          {mine && (
            <Badge size="sm" variant="default" tt="none">
              you
            </Badge>
          )}
        </div>
      </Table.Td>
      <Table.Td>{admin ? 'Administrator' : 'Member'}</Table.Td>
      <Table.Td>
        <Anchor component="button" type="button" inherit onClick={() => onAction('sessions')}>
          {plural(user.sessions, 'session')}
        </Anchor>
      </Table.Td>
      <Table.Td>{user.lastSeenAt === null ? 'Never' : <RelativeTime at={user.lastSeenAt} />}</Table.Td>
      <Table.Td>{user.ownedApps}</Table.Td>
      <Table.Td>
        <div className={classes.actions}>
          {actions.map(({ action, label, icon: Icon }) => (
            <Tooltip key={action} label={label}>
              <ActionIcon aria-label={label} onClick={() => onAction(action)}>
                <Icon size={17} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
          ))}
        </div>
      </Table.Td>
    </Table.Tr>
  )
}
