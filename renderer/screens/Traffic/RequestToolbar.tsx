import { ActionIcon, Button, Chip, Code, Popover, Stack, Text, TextInput } from '@mantine/core'
import { IconFilter, IconHelp, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react'
import { visible } from '../../format/text.ts'
import classes from './Traffic.module.css'
import { CHIPS, type Chip as ChipValue, type RequestsState } from './use-requests.ts'

const HELP = [
  ['notes alice', 'words anywhere'],
  ['app:notes user:alice', 'one app, one person'],
  ['method:post status:4xx', 'also 404, >=400, <300'],
  ['path:/api -path:/api/ping', 'a minus turns it around'],
  ['is:refused', 'also error, websocket, gateway, app-to-app, open'],
] as const

export function RequestToolbar(props: { requests: RequestsState }) {
  const { requests } = props
  return (
    <div className={classes.toolbar}>
      <TextInput
        className={classes.filter}
        aria-label="Filter"
        placeholder="Filter: words, or app:notes status:4xx"
        leftSection={<IconFilter size={15} aria-hidden="true" />}
        rightSection={<Help />}
        value={requests.text}
        onChange={(event) => requests.setText(event.currentTarget.value)}
        error={requests.problems.length > 0}
        aria-describedby={requests.problems.length > 0 ? 'filter-problem' : undefined}
        spellCheck={false}
        autoComplete="off"
      />
      <Chip.Group multiple value={[...requests.chips]} onChange={(chips) => requests.setChips(chips as ChipValue[])}>
        {CHIPS.map(({ value, label }) => (
          <Chip key={value} value={value} size="xs" radius="md">
            {label}
          </Chip>
        ))}
      </Chip.Group>
      <span className={classes.spread} />
      <Button
        variant="default"
        leftSection={requests.paused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
        onClick={() => requests.setPaused(!requests.paused)}
      >
        {requests.paused ? 'Resume' : 'Pause'}
      </Button>
      <Button
        variant="default"
        leftSection={<IconTrash size={15} />}
        onClick={requests.clear}
        disabled={requests.total === 0}
      >
        Clear
      </Button>
      {requests.problems.length > 0 && (
        <div id="filter-problem" className={classes.problem} role="status">
          {requests.problems.map(visible).join(' ')}
        </div>
      )}
    </div>
  )
}

function Help() {
  return (
    <Popover width={380} position="bottom-start" shadow="md">
      <Popover.Target>
        <ActionIcon size={22} aria-label="How to write it">
          <IconHelp size={15} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={8}>
          {HELP.map(([example, meaning]) => (
            <div key={example}>
              <Code>{example}</Code>
              <Text size="xs" c="dimmed">
                {meaning}
              </Text>
            </div>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
