import { Menu, UnstyledButton } from '@mantine/core'
import { IconDevices, IconKey, IconLogout, IconSelector } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Me } from '../../../runtime/contract/models.ts'
import { desktop } from '../../api.ts'
import { UserAvatar } from '../../components/AppIcon.tsx'
import { Safe } from '../../components/Safe.tsx'
import { visible } from '../../format/text.ts'
import { ChangePassword } from './ChangePassword.tsx'
import classes from './Frame.module.css'

/** The signed-in person, at the foot of the rail. */
export function PersonMenu(props: { me: Me }) {
  const { user } = props.me
  const [, navigate] = useLocation()
  const [changing, setChanging] = useState(false)
  const signOut = useMutation({ mutationFn: () => desktop('panel.signOut', {}) })
  return (
    <>
      <Menu position="top-start" width={200}>
        <Menu.Target>
          <UnstyledButton className={classes.person} aria-label={`Account of ${visible(user.username)}`}>
            <UserAvatar userKey={user.key} name={user.username} size={24} />
            <span className={`${classes.personName} ${classes.label}`}>
              <Safe text={user.username} />
            </span>
            <IconSelector className={classes.hint} size={14} aria-hidden="true" />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {visible(user.username)} · {user.role === 'admin' ? 'Administrator' : 'Member'}
          </Menu.Label>
          <Menu.Item leftSection={<IconKey size={16} />} onClick={() => setChanging(true)}>
            Change password
          </Menu.Item>
          <Menu.Item leftSection={<IconDevices size={16} />} onClick={() => navigate('/settings')}>
            My sessions
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => signOut.mutate()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ChangePassword opened={changing} onClose={() => setChanging(false)} />
    </>
  )
}
