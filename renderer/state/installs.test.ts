import { expect, test } from 'vitest'
import type { InstallProgress } from '../../runtime/contract/models.ts'
import { noInstalls, reduceInstalls } from './installs.ts'

const message = (text: string): InstallProgress => ({ reviewId: 'r', step: 'fetch', state: 'running', message: text })

test('messages are kept in order, and the newest when there are very many', () => {
  let state = noInstalls
  for (let index = 0; index < 2500; index += 1) {
    state = reduceInstalls(state, { type: 'install-progress', progress: message(String(index)), actor: 'x' })
  }
  expect(state.get('r')).toHaveLength(2000)
  expect(state.get('r')?.at(-1)?.message).toBe('2499')
})

test('an installation that is over is forgotten', () => {
  const state = reduceInstalls(noInstalls, { type: 'install-progress', progress: message('a'), actor: 'x' })
  expect(reduceInstalls(state, { type: 'install-forgotten', reviewId: 'r' }).size).toBe(0)
  expect(reduceInstalls(state, { type: 'install-forgotten', reviewId: 'other' })).toBe(state)
})
