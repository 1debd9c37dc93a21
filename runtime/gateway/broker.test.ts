import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Candidate, chooseProvider } from './broker.ts'

const ALICE = 'a'.repeat(32)
const BOB = 'b'.repeat(32)

function candidate(id: string, owner: string, more: Partial<Candidate> = {}): Candidate {
  const path = `/${id}`
  return { key: id, id, owner, available: true, export: { api: 'x', path, transport: 'rpc' }, ...more }
}

function chosen(candidates: Candidate[], user: string, transport: 'rpc' | 'proxy' = 'rpc'): string {
  const choice = chooseProvider(candidates, user, transport)
  if (choice.kind === 'provider' || choice.kind === 'stopped') return `${choice.kind} ${choice.provider.id}`
  return choice.kind === 'ambiguous' ? `ambiguous ${choice.ids.join()}` : choice.kind
}

describe('who provides an API', () => {
  test("the caller's own app comes before everybody's, and everybody's before nobody", () => {
    const all = [candidate('shared', 'system'), candidate('mine', ALICE), candidate('his', BOB)]
    expect(chosen(all, ALICE)).toBe('provider mine')
    expect(chosen(all, BOB)).toBe('provider his')
    expect(chosen(all, 'c'.repeat(32))).toBe('provider shared')
    expect(chosen(all, 'system')).toBe('provider shared')
    expect(chosen([], ALICE)).toBe('none')
  })

  test('two that fit equally well are told, and not guessed between', () => {
    expect(chosen([candidate('two', ALICE), candidate('one', ALICE)], ALICE)).toBe('ambiguous one,two')
    expect(chosen([candidate('two', 'system'), candidate('one', 'system')], 'system')).toBe('ambiguous one,two')
  })

  test('an app that is stopped gives way to one that runs, and is named when there is no other', () => {
    const stopped = candidate('mine', ALICE, { available: false })
    expect(chosen([stopped, candidate('shared', 'system')], ALICE)).toBe('provider shared')
    expect(chosen([stopped, candidate('other', ALICE)], ALICE)).toBe('provider other')
    expect(chosen([stopped], ALICE)).toBe('stopped mine')
  })

  test('an API is offered over the transport that the manifest names, and once by each app', () => {
    const proxy = candidate('mine', ALICE, { export: { api: 'x', path: '/ws', transport: 'proxy' } })
    const rpc = candidate('mine', ALICE)
    expect(chosen([proxy], ALICE)).toBe('none')
    expect(chosen([proxy, rpc], ALICE, 'proxy')).toBe('provider mine')
    expect(chosen([rpc, rpc], ALICE)).toBe('provider mine')
  })
})

test('A07: an app of another user is never asked, whatever else is there', () => {
  const owner = fc.constantFrom(ALICE, BOB, 'system')
  const some = fc.array(fc.record({ owner, available: fc.boolean(), id: fc.stringMatching(/^[a-z]{3}$/) }))
  fc.assert(
    fc.property(some, fc.constantFrom(ALICE, BOB, 'system'), (list, user) => {
      const candidates = list.map(({ id, owner, available }) => candidate(id, owner, { available }))
      const choice = chooseProvider(candidates, user, 'rpc')
      if (choice.kind === 'provider' || choice.kind === 'stopped') {
        expect([user, 'system']).toContain(choice.provider.owner)
      }
      if (choice.kind === 'ambiguous') {
        for (const id of choice.ids) {
          expect(candidates.some((one) => one.id === id && [user, 'system'].includes(one.owner))).toBe(true)
        }
      }
    }),
  )
})
