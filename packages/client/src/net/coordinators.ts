import type { Outgoing } from '@rivven/link'
import { errorFromCode } from '@rivven/link'
import { ErrorCode, FindCoordinator, type FindCoordinatorResponse } from '@rivven/protocol'
import type { Address } from '@rivven/runtime'

export type CoordinatorType = 'group' | 'transaction'

export interface FoundCoordinator {
  broker: number
  address: Address
}

/** Sends one FindCoordinator request to some broker. */
export type AskCoordinator = (
  request: (version: number) => Outgoing<typeof FindCoordinator>,
) => Promise<FindCoordinatorResponse>

/** Which broker coordinates which group; many callers share one lookup. */
export class Coordinators {
  readonly #find: (key: string, type: CoordinatorType) => Promise<number>
  readonly #known = new Map<string, Promise<number>>()
  readonly #broker = new Map<string, number>()

  constructor(find: (key: string, type: CoordinatorType) => Promise<number>) {
    this.#find = find
  }

  of(key: string, type: CoordinatorType): Promise<number> {
    const id = `${type}/${key}`
    const known = this.#known.get(id)
    if (known) return known
    const lookup = this.#lookUp(id, key, type)
    this.#known.set(id, lookup)
    return lookup
  }

  /** The coordinator as far as it is known, without asking. */
  known(key: string, type: CoordinatorType): number | undefined {
    return this.#broker.get(`${type}/${key}`)
  }

  /** Takes what somebody else found out. */
  learn(key: string, type: CoordinatorType, broker: number): void {
    const id = `${type}/${key}`
    this.#known.set(id, Promise.resolve(broker))
    this.#broker.set(id, broker)
  }

  forget(key: string, type: CoordinatorType): void {
    const id = `${type}/${key}`
    if (!this.#broker.delete(id)) return // a lookup under way is fresh enough
    this.#known.delete(id)
  }

  /** Forgets all that this broker coordinated: its connection is gone (classic-groups §5.10). */
  forgetBroker(broker: number): void {
    for (const [id, other] of [...this.#broker]) {
      if (other !== broker) continue
      this.#broker.delete(id)
      this.#known.delete(id)
    }
  }

  async #lookUp(id: string, key: string, type: CoordinatorType): Promise<number> {
    try {
      const broker = await this.#find(key, type)
      this.#broker.set(id, broker)
      return broker
    } catch (error) {
      this.#known.delete(id)
      throw error
    }
  }
}

/** Asks once who coordinates `key`; throws the error that the answer bears. */
export async function findCoordinator(
  ask: AskCoordinator,
  key: string,
  type: CoordinatorType,
): Promise<FoundCoordinator> {
  const keyType = type === 'group' ? 0 : 1
  const request = (version: number) => (version >= 4 ? { keyType, coordinatorKeys: [key] } : { keyType, key })
  const answer = await ask(request)
  const found = answer.coordinators.find((entry) => entry.key === key) ?? answer
  if (found.errorCode !== ErrorCode.NONE) {
    const facts = {
      api: FindCoordinator.name,
      operation: 'DESCRIBE',
      ...(type === 'group' ? { group: key } : { transactionalId: key }),
    }
    throw errorFromCode(found.errorCode, `Finding the coordinator of ${type} ${key}`, { facts })
  }
  return { broker: found.nodeId, address: { host: found.host, port: found.port } }
}
