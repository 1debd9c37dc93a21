import { ActionIcon, Button, Group, NativeSelect, Text, TextInput, Tooltip } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import type { IdentityFact, IdentityHeader } from '../../runtime/contract/identity-headers.ts'
import classes from './IdentityHeaders.module.css'

const FACTS: Record<IdentityFact, string> = {
  username: 'Username',
  email: 'Username as e-mail',
  'user-key': 'User key',
  role: 'Role (admin or user)',
  'service-key': 'Service key of the app',
}

/** What apps behind other proxies mostly ask for. */
const USUAL: readonly IdentityHeader[] = [
  { name: 'Remote-User', fact: 'username' },
  { name: 'X-User-Email', fact: 'email', domain: 'localhost' },
  { name: 'X-Forwarded-User', fact: 'username' },
  { name: 'X-User-Role', fact: 'role' },
]

/** Which headers tell an app who calls (C23). What is wrong with a name is the host's to say, when it is saved. */
export function IdentityHeaders(props: {
  headers: readonly IdentityHeader[]
  onChange(headers: IdentityHeader[]): void
  disabled?: boolean
}) {
  const { headers, onChange, disabled = false } = props
  const replace = (index: number, header: IdentityHeader) =>
    onChange(headers.map((other, i) => (i === index ? header : other)))
  const missing = USUAL.filter(
    ({ name }) => !headers.some((header) => header.name.toLowerCase() === name.toLowerCase()),
  )
  return (
    <fieldset className={classes.fieldset} disabled={disabled}>
      <legend className={classes.legend}>Identity headers</legend>
      <Text size="xs" c="dimmed" mb="xs">
        The app is told by these who calls, beside Atek-Auth-User and Atek-Auth-Service. What a caller sends under these
        names is taken out first.
      </Text>
      {headers.map((header, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; names change while they are written.
        <div key={index} className={classes.row}>
          <TextInput
            aria-label={`Name of header ${index + 1}`}
            placeholder="X-User-Name"
            classNames={{ input: classes.mono ?? '' }}
            value={header.name}
            onChange={(event) => replace(index, { ...header, name: event.currentTarget.value })}
            spellCheck={false}
            autoComplete="off"
          />
          <NativeSelect
            aria-label={`What header ${index + 1} says`}
            data={Object.entries(FACTS).map(([value, label]) => ({ value, label }))}
            value={header.fact}
            onChange={(event) => replace(index, withFact(header.name, event.currentTarget.value as IdentityFact))}
          />
          {header.fact === 'email' ? (
            <TextInput
              aria-label={`Domain of header ${index + 1}`}
              leftSection="@"
              placeholder="example.org"
              classNames={{ input: classes.mono ?? '' }}
              value={header.domain}
              onChange={(event) => replace(index, { ...header, domain: event.currentTarget.value.toLowerCase() })}
              spellCheck={false}
              autoComplete="off"
            />
          ) : (
            <span />
          )}
          <Tooltip label="Remove this header">
            <ActionIcon
              size={30}
              aria-label={`Remove header ${index + 1}`}
              onClick={() => onChange(headers.filter((_, i) => i !== index))}
            >
              <IconX size={16} />
            </ActionIcon>
          </Tooltip>
        </div>
      ))}
      <Group gap="xs" mt="xs">
        {missing.map((header) => (
          <Button
            key={header.name}
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            onClick={() => onChange([...headers, header])}
          >
            {header.name}
          </Button>
        ))}
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...headers, { name: '', fact: 'username' }])}
        >
          Another
        </Button>
      </Group>
    </fieldset>
  )
}

function withFact(name: string, fact: IdentityFact): IdentityHeader {
  return fact === 'email' ? { name, fact, domain: 'localhost' } : { name, fact }
}
