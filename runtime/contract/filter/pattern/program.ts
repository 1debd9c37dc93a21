import { type CharSet, type PatternNode, PatternProblem } from './syntax.ts'

/** What a pattern becomes: steps that a set of places walks through at the same time (Thompson 1968). */
export type Step =
  | { type: 'char'; set: CharSet }
  | { type: 'split'; to: number[] }
  | { type: 'jump'; to: number }
  | { type: 'start' | 'end' | 'match' }

/** Repetitions are written out, so a short pattern may become a long program; this many steps and no more. */
const STEPS = 400

export function toProgram(node: PatternNode): readonly Step[] {
  const steps: Step[] = []
  emit(node, steps)
  steps.push({ type: 'match' })
  return steps
}

function emit(node: PatternNode, steps: Step[]): void {
  if (steps.length > STEPS) throw new PatternProblem('The pattern is too large: its repetitions multiply.')
  switch (node.type) {
    case 'char':
      steps.push({ type: 'char', set: node.set })
      return
    case 'start':
    case 'end':
      steps.push({ type: node.type })
      return
    case 'all':
      for (const part of node.parts) emit(part, steps)
      return
    case 'any': {
      const split: Step = { type: 'split', to: [] }
      steps.push(split)
      const jumps: { type: 'jump'; to: number }[] = []
      for (const part of node.parts) {
        split.to.push(steps.length)
        emit(part, steps)
        const jump = { type: 'jump' as const, to: 0 }
        jumps.push(jump)
        steps.push(jump)
      }
      for (const jump of jumps) jump.to = steps.length
      return
    }
    case 'repeat': {
      for (let count = 0; count < node.least; count += 1) emit(node.part, steps)
      if (node.most === null) {
        const split: Step = { type: 'split', to: [] }
        const at = steps.push(split) - 1
        split.to.push(steps.length)
        emit(node.part, steps)
        steps.push({ type: 'jump', to: at })
        split.to.push(steps.length)
        return
      }
      const splits: { type: 'split'; to: number[] }[] = []
      for (let count = node.least; count < node.most; count += 1) {
        const split = { type: 'split' as const, to: [steps.length + 1] }
        splits.push(split)
        steps.push(split)
        emit(node.part, steps)
      }
      for (const split of splits) split.to.push(steps.length)
    }
  }
}
