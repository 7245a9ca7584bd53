import type { Pauses, RivvenError } from '@rivven/link'
import type { Timer } from '@rivven/runtime'
import type { Cluster } from '../../net/cluster.js'
import { pausesOf } from '../../net/pauses.js'
import type { Bell } from '../state/bell.js'
import type { PartitionState } from '../state/partition-state.js'
import type { SubscriptionState } from '../state/subscription-state.js'

export interface LookupPauseParts {
  cluster: Cluster
  subscription: SubscriptionState
  bell: Bell
}

/** Between two tries to look positions up: until its time is over, or metadata name another leader for one of the partitions. */
export class LookupPause {
  readonly #parts: LookupPauseParts
  readonly #pauses: Pauses
  #timer: Timer | null = null
  /** Who led the partitions whose leaders could not be asked. */
  readonly #leaders = new Map<PartitionState, number | undefined>()

  constructor(parts: LookupPauseParts) {
    this.#parts = parts
    this.#pauses = pausesOf(parts.cluster)
  }

  get isOn(): boolean {
    return this.#timer !== null
  }

  /** A try has failed. The bell rings when the next one may begin. */
  begin(error: RivvenError): void {
    const { cluster, subscription, bell } = this.#parts
    for (const state of subscription.assigned) if (asksLeader(state)) this.#leaders.set(state, this.#leaderOf(state))
    this.#timer = cluster.runtime.clock.setTimer(this.#pauses.after(error), () => {
      this.end()
      bell.ring()
    })
  }

  /** Metadata have come: it may be over. */
  check(): void {
    for (const [state, before] of this.#leaders) {
      const leader = this.#leaderOf(state)
      if (!asksLeader(state) || leader === undefined || leader === before) continue
      this.end()
      return
    }
  }

  /** A try has succeeded: the next failure is the first one. */
  succeeded(): void {
    this.#pauses.end()
  }

  end(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#leaders.clear()
  }

  #leaderOf({ topic, partition }: PartitionState): number | undefined {
    return this.#parts.cluster.leaderOf(topic, partition)
  }
}

/** Whether its position is what its leader says. */
function asksLeader({ phase, isAssigned }: PartitionState): boolean {
  return isAssigned && (phase.kind === 'reset' || phase.kind === 'validate')
}
