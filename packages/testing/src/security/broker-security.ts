import { type Broker, ConfigError, setPassword } from '@rivven/broker'
import { Secret } from '@rivven/config'
import type { Clock, Runtime } from '@rivven/runtime'
import { invalidArgument, refuseMisfit } from '../rivven-testing-error.js'
import { type AclRule, aclsOf, allow, deny, type Operation, type Resource, ruleCheck } from './acl-rules.js'
import type { SecurityPlan } from './security-options.js'
import { type TokenOptions, tokenAuthority } from './token-authority.js'

/** What the clients of a broker may do, while it runs. A change counts from their next request on. */
export interface RivvenSecurity {
  /** Adds the rule that the function `allow` makes. */
  allow(user: string, operation: Operation | readonly Operation[], resource: Resource): Promise<void>
  /** Adds the rule that the function `deny` makes. */
  deny(user: string, operation: Operation | readonly Operation[], resource: Resource): Promise<void>
  /** Takes rules away, those of `acls` and of other clients as well. Throws INVALID_ARGUMENT where there is no such rule. */
  remove(...rules: AclRule[]): Promise<void>
  /**
   * A token (JWT) with which any client is that user, for brokers with the mechanism `oauthbearer`: signed by an authority of the
   * process alone.
   */
  tokenFor(user: string, options?: TokenOptions): string
}

type Security = Broker['security']

export class BrokerSecurity implements RivvenSecurity {
  readonly #securityNow: () => Security
  readonly #clock: Pick<Clock, 'now'>

  /** A broker that was started again has another one. */
  constructor(securityNow: () => Security, clock: Pick<Clock, 'now'>) {
    this.#securityNow = securityNow
    this.#clock = clock
  }

  async allow(user: string, operation: Operation | readonly Operation[], resource: Resource): Promise<void> {
    await addRules(this.#acls(), [allow(user, operation, resource)])
  }

  async deny(user: string, operation: Operation | readonly Operation[], resource: Resource): Promise<void> {
    await addRules(this.#acls(), [deny(user, operation, resource)])
  }

  async remove(...rules: AclRule[]): Promise<void> {
    const acls = this.#acls()
    for (const [at, rule] of rules.entries()) refuseMisfit(ruleCheck(rule, `argument ${at + 1} of remove`))
    const removed = rules.flatMap(aclsOf)
    for (const [at, { acls: found }] of (await acls.delete(removed)).entries()) {
      if (found.length > 0) continue
      const { permission, principal, operation, resourceType, name } = removed[at]!
      const text = `There is no rule ${permission} ${operation} to ${principal} on ${resourceType} ${name}.`
      throw invalidArgument(text, 'Take away what was given: the same user, operation and resource.')
    }
  }

  tokenFor(user: string, options: TokenOptions = {}): string {
    return tokenAuthority().tokenFor(user, options, this.#clock.now())
  }

  #acls(): NonNullable<Security['acls']> {
    const { acls } = this.#securityNow()
    if (acls) return acls
    throw invalidArgument(
      'This broker has no rules: everybody may do everything.',
      "Start it with startRivven({ security: { users: { alice: 'secret' } } }).",
    )
  }
}

/** Makes the users and rules of a plan; iterations are the fewest that there can be. */
export async function establish(
  { users, mechanisms, acls }: SecurityPlan,
  { security }: Broker,
  runtime: Runtime,
): Promise<void> {
  const scram = scramOf(mechanisms)
  const making = Array.from(users, ([name, password]) =>
    setPassword(
      security.users,
      { name, password: new Secret(password), mechanisms: scram, iterations: 4096 },
      runtime,
    ).catch((error: unknown) => {
      throw error instanceof ConfigError ? invalidArgument(error.message) : error
    }),
  )
  await Promise.all(making)
  if (acls.length > 0 && security.acls) await addRules(security.acls, acls)
}

/** What is kept of a password: for PLAIN any of them will do. */
function scramOf(mechanisms: SecurityPlan['mechanisms']): ('SCRAM-SHA-256' | 'SCRAM-SHA-512')[] {
  const scram = (['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const).filter((kind) =>
    mechanisms.some((mechanism) => mechanism.toUpperCase() === kind),
  )
  return scram.length > 0 ? scram : ['SCRAM-SHA-256']
}

async function addRules(acls: NonNullable<Security['acls']>, rules: readonly AclRule[]): Promise<void> {
  const results = await acls.create(rules.flatMap(aclsOf))
  const refused = results.find(({ error }) => error !== 'NONE')
  if (refused) throw invalidArgument(refused.message ?? refused.error)
}
