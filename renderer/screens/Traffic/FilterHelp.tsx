import { ActionIcon, Code, Popover, Stack, Text, Tooltip } from '@mantine/core'
import { IconHelp } from '@tabler/icons-react'

const HELP = [
  ['notes alice', 'words anywhere; side by side means "and"'],
  ['app:notes user:alice', 'one app, one person; to: and from: for calls between apps'],
  ['status:4xx took:>100ms size:>1mb', 'also 404, >=400, <300'],
  ['method:post path:/api path~^/api/\\d+', '~ takes a pattern'],
  ['is:refused', 'also error, websocket, gateway, app-to-app, open, aborted, replay'],
  ['header:atek-auth-user', 'the caller sent a header of that name; values may be secret and are not searched'],
  ['(notes or tasks) -is:error', 'or, not or a minus, parentheses, "quotes"'],
] as const

export function FilterHelp() {
  return (
    <Popover width={420} position="bottom-start" shadow="md">
      <Popover.Target>
        <Tooltip label="How to write a filter">
          <ActionIcon size={24} aria-label="How to write a filter">
            <IconHelp size={15} />
          </ActionIcon>
        </Tooltip>
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
