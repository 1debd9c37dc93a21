import { expect, test } from 'vitest'
import type { IdentityHeader } from '../../runtime/contract/identity-headers.ts'
import { CallError } from '../api.ts'
import { headerProblem } from './header-problem.ts'

const HEADERS: IdentityHeader[] = [
  { name: 'Remote-User', fact: 'username' },
  { name: 'X-Mail', fact: 'email', domain: '!' },
  { name: '', fact: 'role' },
]
const problem = (field: string) =>
  headerProblem(new CallError({ code: 'BAD_INPUT', message: 'It is wrong.', details: { field } }), HEADERS)

test('the header at fault is named', () => {
  expect(problem('identityHeaders.1.domain')).toEqual({
    index: 1,
    part: 'domain',
    message: 'Header 2 (X-Mail): It is wrong.',
  })
  expect(problem('identityHeaders.2.name')).toMatchObject({ index: 2, part: 'name', message: 'Header 3: It is wrong.' })
})

test('what all of them have together is about none', () =>
  expect(problem('identityHeaders')).toEqual({ index: null, part: 'name', message: 'It is wrong.' }))

test('errors about something else are not about headers', () => {
  expect(problem('id')).toBeNull()
  expect(headerProblem(new Error('offline'), HEADERS)).toBeNull()
  expect(headerProblem(null, HEADERS)).toBeNull()
})
