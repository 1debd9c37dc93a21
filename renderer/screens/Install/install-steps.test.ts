import { expect, test } from 'vitest'
import type { InstallProgress, InstallStep } from '../../../runtime/contract/models.ts'
import { installSteps } from './install-steps.ts'

const said = (step: InstallStep, state: InstallProgress['state']): InstallProgress => ({
  reviewId: 'r',
  step,
  state,
  message: '',
})
const states = (...progress: InstallProgress[]) => installSteps(progress).map(({ state }) => state)

test('before the first word all steps wait', () => {
  expect(states()).toEqual(['waiting', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting'])
})

test('a step runs until it is done or a later one is named', () => {
  expect(states(said('fetch', 'running'))[0]).toBe('running')
  expect(states(said('fetch', 'running'), said('fetch', 'done')).slice(0, 2)).toEqual(['done', 'waiting'])
  expect(states(said('fetch', 'running'), said('dependencies', 'running')).slice(0, 4)).toEqual([
    'done',
    'done',
    'running',
    'waiting',
  ])
})

test('a failed step stays failed', () => {
  expect(states(said('check', 'running'), said('check', 'failed')).slice(0, 3)).toEqual(['done', 'failed', 'waiting'])
})
