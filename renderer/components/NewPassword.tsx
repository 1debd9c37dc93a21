import { PasswordInput } from '@mantine/core'
import type { LIMITS } from '../../runtime/contract/limits.ts'

/** The host decides; this only spares a round trip. The type keeps the number the same as the host's. */
const LEAST: (typeof LIMITS)['passwordMinLength'] = 10

/** What is wrong with a new password, or null. */
export function passwordProblem(password: string): string | null {
  return [...password].length < LEAST ? `Use at least ${LEAST} characters.` : null
}

export function repeatProblem(password: string, again: string): string | null {
  return password === again ? null : 'The two passwords differ.'
}

interface NewPasswordProps {
  label: string
  value: string
  onChange(value: string): void
  error: string | null
  description?: string
  autoFocus?: boolean
}

/** A field for a password that is chosen now, not remembered. */
export function NewPassword(props: NewPasswordProps) {
  const { label, value, onChange, error, description, autoFocus } = props
  return (
    <PasswordInput
      label={label}
      description={description}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      autoComplete="new-password"
      data-autofocus={autoFocus === true ? true : undefined}
    />
  )
}
