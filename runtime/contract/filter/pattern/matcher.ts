import type { Step } from './program.ts'

/** Sets of places that are remembered; then all are forgotten, so that memory stays bounded whatever the text. */
const STATES = 500

interface State {
  /** Steps that wait for a character, ascending. */
  places: readonly number[]
  /** A match has been found already. */
  found: boolean
  /** There is a match if the text ends here; worked out when it is asked for. */
  foundAtEnd: boolean | null
  first: boolean
  /** Next state by class of character. */
  next: (State | undefined)[]
}

/**
 * Walks a program with all its places at once and remembers which set of places follows which, so that most
 * characters cost one look into a table. Each character is looked at once: nothing is tried again.
 */
export class Matcher {
  readonly #program: readonly Step[]
  /** Where a class of characters begins: characters between two bounds are the same to this pattern. */
  readonly #bounds: readonly number[]
  readonly #ascii = new Uint16Array(128)
  /** For each step the round in which it was last visited: quicker than a set made anew each time. */
  readonly #visited: Uint32Array
  #round = 0
  #states = new Map<string, State>()
  #first: State

  constructor(program: readonly Step[]) {
    this.#program = program
    this.#visited = new Uint32Array(program.length)
    const bounds = new Set([0])
    for (const step of program) {
      if (step.type !== 'char') continue
      for (const [from, to] of step.set) bounds.add(from).add(to + 1)
    }
    this.#bounds = [...bounds].sort((a, b) => a - b)
    for (let code = 0; code < 128; code += 1) this.#ascii[code] = this.#search(code)
    this.#first = this.#state([], true)
  }

  test(text: string): boolean {
    let state = this.#first
    for (let at = 0; at < text.length; at += 1) {
      if (state.found) return true
      const code = text.charCodeAt(at)
      const kind = code < 128 ? (this.#ascii[code] as number) : this.#search(code)
      state = state.next[kind] ?? this.#step(state, kind)
    }
    state.foundAtEnd ??= state.found || this.#closure(state.places, state.first, true).found
    return state.foundAtEnd
  }

  #step(state: State, kind: number): State {
    const code = this.#bounds[kind] as number
    const moved: number[] = []
    for (const place of state.places) {
      const step = this.#program[place]
      if (step?.type === 'char' && step.set.some(([from, to]) => code >= from && code <= to)) moved.push(place + 1)
    }
    const next = this.#state(moved, false)
    state.next[kind] = next
    return next
  }

  /** The state after these places, and with a match that begins here. */
  #state(from: readonly number[], first: boolean): State {
    const { places, found } = this.#closure([...from, 0], first, false)
    const key = `${first ? '^' : ''}${found ? '!' : ''}${places.join(',')}`
    const known = this.#states.get(key)
    if (known !== undefined) return known
    if (this.#states.size >= STATES) {
      this.#states = new Map()
      // The first state leads to the others: it is made anew, so that they can go.
      if (!first) this.#first = this.#state([], true)
    }
    const state: State = { places, found, foundAtEnd: found ? true : null, first, next: [] }
    this.#states.set(key, state)
    return state
  }

  /** Follows everything that needs no character. Steps that wait at "$" stay among the places. */
  #closure(from: readonly number[], atStart: boolean, atEnd: boolean): { places: number[]; found: boolean } {
    this.#round = (this.#round + 1) >>> 0
    if (this.#round === 0) this.#visited.fill(0)
    const open = [...from]
    const places: number[] = []
    let found = false
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (this.#visited[place] === this.#round) continue
      this.#visited[place] = this.#round
      const step = this.#program[place]
      if (step === undefined) continue
      if (step.type === 'match') found = true
      else if (step.type === 'char') places.push(place)
      else if (step.type === 'jump') open.push(step.to)
      else if (step.type === 'split') open.push(...step.to)
      else if (step.type === 'start') {
        if (atStart) open.push(place + 1)
      } else if (atEnd) open.push(place + 1)
      else places.push(place)
    }
    return { places: places.sort((a, b) => a - b), found }
  }

  #search(code: number): number {
    let low = 0
    let high = this.#bounds.length
    while (low + 1 < high) {
      const middle = (low + high) >>> 1
      if ((this.#bounds[middle] as number) <= code) low = middle
      else high = middle
    }
    return low
  }
}
