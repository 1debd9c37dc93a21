import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Me } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { visible } from '../../format/text.ts'
import { QUERY } from '../../state/queries.ts'

/** Whose an app will be. Only administrators may install for others or for everyone. */
export function OwnerSelect(props: { me: Me; value: string; onChange(owner: string): void }) {
  const { me, value, onChange } = props
  const admin = me.user.role === 'admin'
  const users = useQuery({ queryKey: QUERY.users, queryFn: () => control('users.list', {}), enabled: admin })
  const others = (users.data ?? []).filter((user) => user.key !== me.user.key)
  const options = [
    { value: me.user.key, label: `${visible(me.user.username)} (you)` },
    ...(admin ? [{ value: 'system', label: 'Everyone' }] : []),
    ...others.map((user) => ({ value: user.key, label: visible(user.username) })),
  ]
  return (
    <NativeSelect
      label="Owner"
      description={
        value === 'system'
          ? 'Everybody with an account here can open it, and it may call the host’s own APIs as an administrator.'
          : 'Only the owner can open it. It acts for them when it calls other apps.'
      }
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={options}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
