import type { ControlMethod, ControlOutput, ControlParsed } from '../contract/control.ts'
import type { Actor } from './actor.ts'

/** The handlers of one area of the control API, `apps.*` for instance: input parsed, permission checked already. */
export type Handlers<Area extends string> = {
  [M in Extract<ControlMethod, `${Area}.${string}`>]: (
    actor: Actor,
    input: ControlParsed<M>,
  ) => ControlOutput<M> | Promise<ControlOutput<M>>
}
