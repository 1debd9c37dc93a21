import { IconApps, IconArrowsExchange, IconHistory, IconSettings, IconUsers } from '@tabler/icons-react'
import type { User } from '../../../runtime/contract/models.ts'

export const SCREENS = [
  { path: '/apps', label: 'Apps', icon: IconApps, adminOnly: false },
  { path: '/traffic', label: 'Traffic', icon: IconArrowsExchange, adminOnly: false },
  { path: '/users', label: 'Users', icon: IconUsers, adminOnly: true },
  { path: '/audit', label: 'Audit', icon: IconHistory, adminOnly: true },
  { path: '/settings', label: 'Settings', icon: IconSettings, adminOnly: false },
] as const

/** What this person may see, each with its place in the rail, which is also its number key. */
export function screensFor(user: User) {
  return SCREENS.map((screen, index) => ({ ...screen, digit: index + 1 })).filter(
    (screen) => !screen.adminOnly || user.role === 'admin',
  )
}
