/** A key as newKey makes it, or the host itself. */
const KEY = /^(?:[0-9a-f]{32}|system)$/

/**
 * Whose data a query is about: of this owner and, within what is theirs, of this service. Scoped tables take no query
 * without one (C42). The private field makes it a type of its own: an object that looks like it does not compile.
 */
export class OwnerScope {
  readonly #owner: string
  readonly #service: string

  /** Throws for anything but keys: an empty or missing one must not become a query about everybody. */
  constructor(owner: string, service: string) {
    if (!KEY.test(owner) || !KEY.test(service)) throw new TypeError('A scope needs an owner and a service.')
    this.#owner = owner
    this.#service = service
  }

  /** A user key, or `system`. */
  get owner(): string {
    return this.#owner
  }

  /** An app's key, or `system`. */
  get service(): string {
    return this.#service
  }

  equals(other: OwnerScope): boolean {
    return this.#owner === other.#owner && this.#service === other.#service
  }
}
