/** Who a person is, as far as rights go: a user key (or `system`), and whether the role is administrator. */
export interface Holder {
  key: string
  admin: boolean
}

/**
 * Who may open an app: its owner, and everybody where it is owned by `system`. An administrator is no exception: what
 * another person keeps in an app is not the administrator's (A07).
 */
export function mayOpen(userKey: string, owner: string): boolean {
  return owner === userKey || owner === 'system'
}

/** Who may start, stop, configure and remove an app: its owner, and administrators. */
export function mayManage(holder: Holder, owner: string): boolean {
  return holder.admin || owner === holder.key
}
