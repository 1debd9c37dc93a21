/**
 * Who may open an app: its owner, and everybody where it is owned by `system`. An administrator is no exception: what
 * another person keeps in an app is not the administrator's (A07).
 */
export function mayOpen(userKey: string, owner: string): boolean {
  return owner === userKey || owner === 'system'
}

/** Who may start a stopped app: its owner, and an administrator where it belongs to everybody. */
export function mayStart(user: { key: string; role: string }, owner: string): boolean {
  return owner === user.key || (owner === 'system' && user.role === 'admin')
}
