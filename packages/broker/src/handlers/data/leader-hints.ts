import { ErrorCode } from '@rivven/protocol'
import { leaderOf } from '../../cluster/image.js'
import { type ReachableBroker, reachableBroker } from '../brokers/reachable-brokers.js'
import type { BrokerServices, RequestContext } from '../handler.js'

/** As answers name it. */
export interface CurrentLeader {
  readonly leaderId: number
  readonly leaderEpoch: number
}

const hinted: ReadonlySet<number> = new Set([ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.FENCED_LEADER_EPOCH])

/** With errors of leadership one answer tells who leads the partitions, and where these brokers are (KIP-951). */
export class LeaderHints {
  readonly #services: Pick<BrokerServices, 'cluster'>
  readonly #context: RequestContext
  readonly #brokers = new Map<number, ReachableBroker>()

  constructor(services: Pick<BrokerServices, 'cluster'>, context: RequestContext) {
    this.#services = services
    this.#context = context
  }

  /** Undefined where the error is another one, nobody leads it, or clients of this listener cannot reach who does. */
  of(topic: string, partition: number, errorCode: number): CurrentLeader | undefined {
    if (!hinted.has(errorCode)) return undefined
    const { cluster } = this.#services
    const known = leaderOf(cluster.image, topic, partition)
    // Who leads it but does not serve it, not yet or no longer, knows nobody better.
    const isOwn = errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER && known?.leader === cluster.brokerId
    if (!known || known.leader === null || isOwn) return undefined
    const broker = this.#brokers.get(known.leader) ?? reachableBroker(known.leader, this.#services, this.#context)
    if (!broker) return undefined
    this.#brokers.set(broker.id, broker)
    return { leaderId: broker.id, leaderEpoch: known.epoch }
  }

  /** Of all leaders that were told. */
  get nodeEndpoints() {
    return Array.from(this.#brokers.values(), ({ id, ...place }) => ({ nodeId: id, ...place }))
  }
}
