import { RivvenError, sleep } from '@rivven/link'
import type { Cluster } from '../net/cluster.js'
import type { TopicPartition } from '../topic-partition.js'
import type { Lifetime } from './lifetime.js'
import { noGroup } from './offsets/commit-refusals.js'
import type { Positions } from './offsets/positions.js'
import type { ConsumerSettings } from './options/consumer-options.js'
import type { Bell } from './state/bell.js'
import type { PartitionState, Position } from './state/partition-state.js'
import type { SubscriptionState } from './state/subscription-state.js'
import type { Troubles } from './state/troubles.js'

export interface SeeksParts {
  cluster: Cluster
  settings: ConsumerSettings
  subscription: SubscriptionState
  positions: Positions
  troubles: Troubles
  bell: Bell
  lifetime: Lifetime
}

/** Where the application reads on, and where it wants to. All partitions have to be assigned. */
export class Seeks {
  readonly #parts: SeeksParts

  constructor(parts: SeeksParts) {
    this.#parts = parts
  }

  toPlace(partition: TopicPartition, place: Position): void {
    this.#parts.lifetime.mustBeOpen()
    this.#move([partition], (state) => state.jump(place))
  }

  toEnd(partitions: readonly TopicPartition[], to: 'earliest' | 'latest'): void {
    this.#parts.lifetime.mustBeOpen()
    this.#move(partitions, (state) => state.lookUp({ kind: 'reset', to }))
  }

  toCommitted(partitions: readonly TopicPartition[]): void {
    const { settings, lifetime } = this.#parts
    lifetime.mustBeOpen()
    if (settings.groupId === undefined) throw noGroup('Committed offsets')
    this.#move(partitions, (state) => state.rewind())
  }

  /** The offset of the next record, once it is known. */
  async position(partition: TopicPartition): Promise<number> {
    const { cluster, settings, subscription, positions, troubles, lifetime } = this.#parts
    lifetime.mustBeOpen()
    const { clock } = cluster.runtime
    const deadline = clock.monotonic() + settings.apiTimeoutMs
    for (;;) {
      const state = subscription.mustOwn(partition)
      if (state.position) return (state.delivered ?? state.position).offset
      positions.update()
      troubles.throwIfDue()
      if (clock.monotonic() >= deadline) throw noPosition(state, settings.apiTimeoutMs)
      await sleep(clock, 5, cluster.closeSignal)
    }
  }

  #move(partitions: readonly TopicPartition[], move: (state: PartitionState) => void): void {
    const { subscription, bell } = this.#parts
    for (const partition of partitions) move(subscription.mustOwn(partition))
    bell.ring()
  }
}

function noPosition({ topic, partition }: PartitionState, timeoutMs: number): RivvenError {
  const text = `The position of ${topic}/${partition} was not found within ${timeoutMs} ms.`
  return new RivvenError('TIMED_OUT', text, { retriable: true, facts: { topic, partition } })
}
