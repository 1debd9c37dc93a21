import type { InstallProgress, InstallStep } from '../../../runtime/contract/models.ts'

export interface StepState {
  step: InstallStep
  label: string
  state: 'waiting' | 'running' | 'done' | 'failed'
}

const STEPS: readonly [InstallStep, string][] = [
  ['fetch', 'Fetch'],
  ['check', 'Check'],
  ['dependencies', 'Install dependencies'],
  ['register', 'Register'],
  ['start', 'Start'],
  ['ready', 'Ready'],
]

/** The steps of an installation as far as it has come; a step that was passed by without a word counts as done. */
export function installSteps(progress: readonly InstallProgress[]): StepState[] {
  const latest = new Map<InstallStep, InstallProgress['state']>()
  for (const message of progress) latest.set(message.step, message.state)
  const reached = STEPS.findLastIndex(([step]) => latest.has(step))
  return STEPS.map(([step, label], index) => ({
    step,
    label,
    state:
      latest.get(step) === undefined
        ? index < reached
          ? 'done'
          : 'waiting'
        : before(latest.get(step), index < reached),
  }))
}

function before(state: InstallProgress['state'] | undefined, passed: boolean): StepState['state'] {
  if (state === 'failed') return 'failed'
  return passed || state === 'done' ? 'done' : 'running'
}
