import { ActionIcon, Button, Switch, TextInput, Tooltip } from '@mantine/core'
import { IconChevronDown, IconChevronUp, IconPlayerTrackPrev, IconSearch } from '@tabler/icons-react'
import type { KeyboardEvent } from 'react'
import classes from './Log.module.css'

interface LogToolbarProps {
  search: string
  onSearch(text: string): void
  /** How many lines match, and which of them one is at; -1 for none. */
  found: number
  place: number
  onStep(older: boolean): void
  /** null without a start in the log. */
  onLastStart: (() => void) | null
  wrap: boolean
  onWrap(wrap: boolean): void
  following: boolean
  onFollow(follow: boolean): void
}

export function LogToolbar(props: LogToolbarProps) {
  const { search, found, place, onStep, onLastStart } = props
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    // The newest match is the one that is wanted first.
    onStep(!event.shiftKey)
  }
  const count = found.toLocaleString('en')
  return (
    <div className={classes.bar}>
      <TextInput
        className={classes.search}
        aria-label="Search log"
        placeholder="Search"
        leftSection={<IconSearch size={15} aria-hidden="true" />}
        value={search}
        onChange={(event) => props.onSearch(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        spellCheck={false}
      />
      <Tooltip label="Older match (Enter)">
        <ActionIcon aria-label="Older match" disabled={found === 0} onClick={() => onStep(true)}>
          <IconChevronUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Newer match (Shift Enter)">
        <ActionIcon aria-label="Newer match" disabled={found === 0} onClick={() => onStep(false)}>
          <IconChevronDown size={16} />
        </ActionIcon>
      </Tooltip>
      <span className={classes.count} role="status">
        {search === '' ? '' : place < 0 ? `${count} found` : `${place + 1} of ${count}`}
      </span>
      <span className={classes.spread} />
      <Button
        variant="default"
        leftSection={<IconPlayerTrackPrev size={15} />}
        disabled={onLastStart === null}
        onClick={onLastStart ?? undefined}
      >
        Last launch
      </Button>
      <Switch
        size="xs"
        label="Wrap"
        checked={props.wrap}
        onChange={(event) => props.onWrap(event.currentTarget.checked)}
      />
      <Switch
        size="xs"
        label="Follow"
        checked={props.following}
        onChange={(event) => props.onFollow(event.currentTarget.checked)}
      />
    </div>
  )
}
