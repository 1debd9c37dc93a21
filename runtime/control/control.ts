import {
  CONTROL,
  type ControlInput,
  type ControlMethod,
  type ControlOutput,
  isControlMethod,
} from '../contract/control.ts'
import { AppError } from '../contract/errors.ts'
import { parseInput } from '../contract/parse-input.ts'
import { type Actor, isAdmin } from './actor.ts'
import { appMethods } from './app-methods.ts'
import { auditMethods, hostMethods, settingsMethods } from './host-methods.ts'
import type { Services } from './services.ts'
import { trafficMethods } from './traffic-methods.ts'
import { meMethods, userMethods } from './user-methods.ts'

type AnyHandler = (actor: Actor, input: unknown) => unknown

/**
 * The control API: parses the input, checks the permission that the method names, does it. What changes something
 * writes its audit row in the same transaction, in the module that makes the change. IPC and HTTP are thin adapters.
 */
export class Control {
  #handlers: Record<ControlMethod, AnyHandler>

  constructor(services: Services) {
    // The areas together have exactly the methods of CONTROL: their types say so, and a test compares the names.
    this.#handlers = {
      ...appMethods(services),
      ...trafficMethods(services),
      ...userMethods(services),
      ...meMethods(services),
      ...auditMethods(services),
      ...hostMethods(services),
      ...settingsMethods(services),
    } as Record<ControlMethod, AnyHandler>
  }

  /** Errors: BAD_INPUT, METHOD_NOT_FOUND, NOT_SIGNED_IN (no actor), FORBIDDEN, and what the method itself throws. */
  async call<M extends ControlMethod>(
    actor: Actor | null,
    method: M,
    input: ControlInput<M>,
  ): Promise<ControlOutput<M>> {
    return (await this.callUntyped(actor, method, input)) as ControlOutput<M>
  }

  /** For the borders, where name and input come from outside and have no type yet. */
  async callUntyped(actor: Actor | null, method: string, input: unknown): Promise<unknown> {
    if (!isControlMethod(method)) throw new AppError('METHOD_NOT_FOUND', 'There is no such method.')
    // Before the input is looked at: who is not signed in learns nothing about the shape of inputs either.
    if (actor === null) throw new AppError('NOT_SIGNED_IN', 'Sign in first.')
    if (CONTROL[method].permission === 'admin' && !isAdmin(actor)) {
      throw new AppError('FORBIDDEN', 'Only an administrator can do this.')
    }
    return this.#handlers[method](actor, parseInput(CONTROL[method].input, input))
  }

  get methods(): string[] {
    return Object.keys(this.#handlers)
  }
}
