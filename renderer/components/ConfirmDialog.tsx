import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { visible } from '../format/text.ts'
import { ErrorNotice } from './ErrorNotice.tsx'

interface ConfirmProps {
  opened: boolean
  title: string
  /** What will happen, and what will be lost. */
  children: ReactNode
  /** What the button does, as its name. */
  confirm: string
  danger?: boolean
  /** The name that has to be typed first, for steps that cannot be taken back. */
  name?: { label: string; expected: string }
  pending: boolean
  error: unknown
  onConfirm(): void
  onClose(): void
}

/** Asks before a step with consequences. */
export function ConfirmDialog(props: ConfirmProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={visible(props.title)} size="md">
      {/* Mounted anew each time, so that a typed name is never left from the last time. */}
      {props.opened && <ConfirmForm {...props} />}
    </Modal>
  )
}

function ConfirmForm(props: ConfirmProps) {
  const [typed, setTyped] = useState('')
  const ready = props.name === undefined || typed.trim() === props.name.expected
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready && !props.pending) props.onConfirm()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {props.children}
        {props.name !== undefined && (
          <TextInput
            label={props.name.label}
            description={
              <Text component="span" inherit>
                Type <b>{visible(props.name.expected)}</b> to go on.
              </Text>
            }
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        )}
        {props.error !== null && props.error !== undefined && <ErrorNotice error={props.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            color={props.danger === true ? 'red' : undefined}
            disabled={!ready}
            loading={props.pending}
          >
            {props.confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
