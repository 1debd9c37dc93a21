import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { IconArrowsDiff, IconPin, IconPinFilled, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import type { Me, TrafficDetails } from '../../../../runtime/contract/models.ts'
import { visible } from '../../../format/text.ts'
import { clockTime } from '../../../format/time.ts'
import { pin, pinsStore, unpin } from '../../../state/pins.ts'
import { useStore } from '../../../state/store.ts'
import { Compare } from './Compare.tsx'
import classes from './details.module.css'
import { MoreActions } from './MoreActions.tsx'

/** What can be done with a request. */
export function RequestActions(props: { details: TrafficDetails; me: Me; onGo(seq: number): void; onClose(): void }) {
  const { details, me, onGo, onClose } = props
  const pins = useStore(pinsStore, (rows) => rows)
  const [comparing, setComparing] = useState<number | null>(null)
  const pinned = pins.some(({ seq }) => seq === details.seq)
  const others = pins.filter(({ seq }) => seq !== details.seq)
  return (
    <div className={classes.actions}>
      <Tooltip label={pinned ? 'Unpin' : 'Pin: keep it in sight'}>
        <ActionIcon aria-label="Pin" aria-pressed={pinned} onClick={() => (pinned ? unpin(details.seq) : pin(details))}>
          {pinned ? <IconPinFilled size={16} /> : <IconPin size={16} />}
        </ActionIcon>
      </Tooltip>
      <Menu width={340}>
        <Menu.Target>
          <Tooltip
            label={
              others.length === 0 ? 'Pin another request to compare it with this one' : 'Compare with a pinned request'
            }
          >
            <ActionIcon
              aria-label="Compare"
              data-disabled={others.length === 0 || undefined}
              aria-disabled={others.length === 0}
            >
              <IconArrowsDiff size={16} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        {others.length > 0 && (
          <Menu.Dropdown>
            <Menu.Label>Compare with</Menu.Label>
            {others.map((row) => (
              <Menu.Item key={row.seq} onClick={() => setComparing(row.seq)}>
                <span className={classes.mono}>
                  {visible(row.method)} <bdi>{visible(row.path)}</bdi>
                </span>
                <div className={classes.aside}>
                  {clockTime(row.at)}, {visible(row.appId)}
                  {row.status !== null && `, ${row.status}`}
                </div>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        )}
      </Menu>
      <MoreActions details={details} me={me} onGo={onGo} />
      <Tooltip label="Close (Esc)">
        <ActionIcon aria-label="Close details" onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </Tooltip>
      {comparing !== null && <Compare a={details} b={comparing} onClose={() => setComparing(null)} />}
    </div>
  )
}
