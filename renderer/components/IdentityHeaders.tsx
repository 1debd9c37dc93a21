import { ActionIcon, Button, Group, NativeSelect, Text, TextInput, Tooltip } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import type { IdentityFact, IdentityHeader } from '../../runtime/contract/identity-headers.ts'
import type { HeaderProblem } from './header-problem.ts'
import classes from './IdentityHeaders.module.css'

/** What a header says, in words. */
export const FACTS: Record<IdentityFact, string> = {
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
  /** What the host refused; it is shown by who renders this. */
  problem?: HeaderProblem | null
}) {
  const { headers, onChange, disabled = false, problem = null } = props
  const fieldset = useRef<HTMLFieldSetElement>(null)
  /** What takes the focus once the rows are as they will be: a press of a button took away where it was. */
  const next = useRef<string | null>(null)
  useEffect(() => {
    if (next.current === null) return
    fieldset.current?.querySelector<HTMLElement>(next.current)?.focus()
    next.current = null
  })
  const { index: wrong = null, part } = problem ?? {}
  useEffect(() => {
    if (wrong === null) return
    const row = fieldset.current?.querySelector(`[data-row="${wrong}"]`)
    row?.querySelectorAll('input')[part === 'domain' ? 1 : 0]?.focus()
  }, [wrong, part])
  const add = (header: IdentityHeader) => {
    next.current = `[data-row="${headers.length}"] input`
    onChange([...headers, header])
  }
  const remove = (index: number) => {
    const left = headers.length - 1
    next.current = left === 0 ? '[data-add] button' : `[data-row="${Math.min(index, left - 1)}"] > button`
    onChange(headers.filter((_, i) => i !== index))
  }
  const replace = (index: number, header: IdentityHeader) =>
    onChange(headers.map((other, i) => (i === index ? header : other)))
  const missing = USUAL.filter(
    ({ name }) => !headers.some((header) => header.name.toLowerCase() === name.toLowerCase()),
  )
  return (
    <fieldset ref={fieldset} className={classes.fieldset} disabled={disabled}>
      <legend className={classes.legend}>Identity headers</legend>
      <Text size="xs" c="dimmed" mb="xs">
        They tell the app who calls, in the names it knows. Atek-Auth-User and Atek-Auth-Service are always sent. What a
        caller sends under these names is taken out first.
      </Text>
      {headers.map((header, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; names change while they are written.
        <div key={index} className={classes.row} data-row={index}>
          <TextInput
            aria-label={`Name of header ${index + 1}`}
            placeholder="X-User-Name"
            classNames={{ input: classes.mono ?? '' }}
            value={header.name}
            error={wrong === index && part === 'name'}
            onChange={(event) => replace(index, { ...header, name: event.currentTarget.value })}
            spellCheck={false}
            autoComplete="off"
          />
          <NativeSelect
            aria-label={`What header ${index + 1} says`}
            data={Object.entries(FACTS).map(([value, label]) => ({ value, label }))}
            className={header.fact === 'email' ? undefined : classes.wide}
            value={header.fact}
            onChange={(event) => replace(index, withFact(header.name, event.currentTarget.value as IdentityFact))}
          />
          {header.fact === 'email' && (
            <TextInput
              aria-label={`Domain of header ${index + 1}`}
              leftSection="@"
              placeholder="example.org"
              classNames={{ input: classes.mono ?? '' }}
              value={header.domain}
              error={wrong === index && part === 'domain'}
              onChange={(event) => replace(index, { ...header, domain: event.currentTarget.value.toLowerCase() })}
              spellCheck={false}
              autoComplete="off"
            />
          )}
          <Tooltip label="Remove this header">
            <ActionIcon size={30} aria-label={`Remove header ${index + 1}`} onClick={() => remove(index)}>
              <IconX size={16} />
            </ActionIcon>
          </Tooltip>
        </div>
      ))}
      <Group gap="xs" mt="xs" data-add>
        {missing.map((header) => (
          <Button
            key={header.name}
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            onClick={() => add(header)}
          >
            {header.name}
          </Button>
        ))}
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => add({ name: '', fact: 'username' })}
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
