import type { Seen, Timed } from '../../history/history.js'
import type { Plan } from '../../plan/plan.js'
import { type Right, usersOf } from '../../plan/rights.js'

export type Resource = Pick<Right, 'operation' | 'type' | 'name'>

/** A right that was taken away, and answered as gone. */
export interface Missing {
  readonly since: number
}

/** What is known of a user's rights from one change to the next: another object is another time. */
export interface UserRights {
  readonly missing: ReadonlyMap<string, Missing>
  /** Asked to go or to come back, and not answered yet: nobody can say. */
  readonly unsure: ReadonlySet<string>
}

const whole: UserRights = { missing: new Map(), unsure: new Set() }

/** Follows what is taken from users and given back. */
export class KnownRights {
  readonly #users: Map<string, UserRights>
  /** By user and resource: when it was last not there, or not for sure. */
  readonly #lackedAt = new Map<string, number>()

  constructor(plan: Plan) {
    this.#users = new Map(usersOf(plan).map((user) => [user, { ...whole }]))
  }

  see(event: Timed<Seen>): void {
    if (event.kind !== 'right') return
    const { right, change, at } = event
    const before = this.#users.get(right.user) ?? whole
    const missing = new Map(before.missing)
    const unsure = new Set(before.unsure)
    const key = keyOf(right)
    if (change === 'is gone') missing.set(key, { since: at })
    else missing.delete(key)
    if (change === 'goes' || change === 'comes') unsure.add(key)
    else unsure.delete(key)
    this.#users.set(right.user, { missing, unsure })
    this.#lackedAt.set(`${right.user} ${key}`, change === 'is back' ? at : Number.POSITIVE_INFINITY)
  }

  /** Undefined: nobody who logs in. */
  of(user: string): UserRights | undefined {
    return this.#users.get(user)
  }

  /** Whether the user could not have had the right at some time since. */
  hasLacked(user: string, resource: Resource, since: number): boolean {
    return (this.#lackedAt.get(`${user} ${keyOf(resource)}`) ?? Number.NEGATIVE_INFINITY) >= since
  }
}

export function keyOf({ operation, type, name }: Resource): string {
  return `${operation} on ${type} ${name}`
}
