import { UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import type { Me } from '../../../runtime/contract/models.ts'
import { plural, visible } from '../../format/text.ts'
import { AppRow } from './AppRow.tsx'
import classes from './Apps.module.css'
import type { AppGroup, AppSort } from './app-list.ts'

interface AppListProps {
  groups: AppGroup[]
  sort: { by: AppSort; descending: boolean }
  onSort(by: AppSort): void
  me: Me
}

export function AppList(props: AppListProps) {
  const { groups, me } = props
  return (
    <div className={classes.list}>
      <div className={classes.head}>
        <Sort by="title" label="Name" {...props} />
        <span className={classes.addressCell}>
          <span className={classes.sort}>Address</span>
        </span>
        <Sort by="owner" label="Owner" className={classes.owner} {...props} />
        <Sort by="state" label="State" {...props} />
        <Sort by="memory" label="Memory" className={`${classes.memory} ${classes.end}`} {...props} />
        <Sort by="requests" label="5 minutes" className={classes.spark} {...props} />
        <span />
      </div>
      {groups.map((group) => (
        <section key={group.owner ?? 'all'} aria-label={group.owner === null ? 'All' : visible(group.owner)}>
          {group.owner !== null && (
            <div className={classes.group}>
              <bdi>{visible(group.owner)}</bdi> · {plural(group.apps.length, 'app')}
            </div>
          )}
          <ul className={classes.items}>
            {group.apps.map((app) => (
              <li key={app.key}>
                <AppRow app={app} mine={app.owner === me.user.key} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

function Sort(props: AppListProps & { by: AppSort; label: string; className?: string }) {
  const { by, label, className = '', sort, onSort } = props
  const active = sort.by === by
  const Arrow = sort.descending ? IconChevronDown : IconChevronUp
  return (
    <span className={className}>
      <UnstyledButton
        className={classes.sort}
        data-active={active || undefined}
        aria-label={`Sort by ${label.toLowerCase()}`}
        aria-pressed={active}
        onClick={() => onSort(by)}
      >
        {label}
        {active && <Arrow size={13} aria-hidden="true" />}
      </UnstyledButton>
    </span>
  )
}
