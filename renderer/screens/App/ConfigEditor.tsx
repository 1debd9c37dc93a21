import { ActionIcon, Button, PasswordInput, Text, TextInput, Tooltip } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import classes from './App.module.css'
import { type ConfigEntry, looksSecret } from './config-entries.ts'

/** The app's environment variables, one line each. */
export function ConfigEditor(props: {
  entries: ConfigEntry[]
  problems: Map<number, string>
  onChange(entries: ConfigEntry[]): void
}) {
  const { entries, problems, onChange } = props
  const change = (line: number, part: Partial<ConfigEntry>) =>
    onChange(entries.map((entry) => (entry.line === line ? { ...entry, ...part } : entry)))
  const add = () =>
    onChange([...entries, { line: Math.max(-1, ...entries.map((entry) => entry.line)) + 1, key: '', value: '' }])
  return (
    <div>
      {entries.length === 0 && (
        <Text size="sm" c="dimmed" mb="xs">
          Nothing is set.
        </Text>
      )}
      <div className={classes.config}>
        {entries.map((entry, index) => {
          const Value = looksSecret(entry.key) ? PasswordInput : TextInput
          return (
            <div key={entry.line} style={{ display: 'contents' }}>
              <TextInput
                aria-label={`Name of variable ${index + 1}`}
                placeholder="NAME"
                classNames={{ input: classes.mono ?? '' }}
                value={entry.key}
                onChange={(event) => change(entry.line, { key: event.currentTarget.value })}
                error={problems.get(entry.line) ?? null}
                spellCheck={false}
                autoComplete="off"
              />
              <Value
                aria-label={`Value of variable ${index + 1}`}
                placeholder="value"
                classNames={{ input: classes.mono ?? '' }}
                value={entry.value}
                onChange={(event) => change(entry.line, { value: event.currentTarget.value })}
                spellCheck={false}
                autoComplete="off"
              />
              <Tooltip label="Remove this variable">
                <ActionIcon
                  size={30}
                  aria-label={`Remove variable ${index + 1}`}
                  onClick={() => onChange(entries.filter((other) => other.line !== entry.line))}
                >
                  <IconX size={16} />
                </ActionIcon>
              </Tooltip>
            </div>
          )
        })}
      </div>
      <Button mt="xs" variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={add}>
        Add variable
      </Button>
    </div>
  )
}
