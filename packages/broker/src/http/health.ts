import type { Cluster } from '../cluster/cluster.js'
import type { Coordinator } from '../coordinator/groups/coordinator.js'
import type { Logs } from '../log/logs.js'

/** What `/health/ready` says: what is not there yet is named. */
export interface Readiness {
  readonly ready: boolean
  readonly missing: readonly string[]
}

export interface Opened {
  readonly cluster: Pick<Cluster, 'isServing' | 'leaseAgeMs'>
  readonly coordinator: Coordinator
  readonly logs: Pick<Logs, 'waiting'>
}

/** How far a broker has come with its start, and that it ends. Written by the broker, read by whoever asks. */
export class Health {
  #cluster: Pick<Cluster, 'isServing' | 'leaseAgeMs'> | undefined
  #coordinator: Coordinator | undefined
  #logs: Pick<Logs, 'waiting'> | undefined
  #listens = false
  #isEnding = false
  readonly #endingListeners: (() => void)[] = []

  storageOpened({ cluster, coordinator, logs }: Opened): void {
    this.#cluster = cluster
    this.#coordinator = coordinator
    this.#logs = logs
  }

  listening(): void {
    this.#listens = true
  }

  ending(): void {
    this.#isEnding = true
    for (const listener of this.#endingListeners) listener()
  }

  /** Calls back when the broker begins to end. */
  onEnding(listener: () => void): void {
    this.#endingListeners.push(listener)
  }

  get readiness(): Readiness {
    const missing = this.#missing()
    return { ready: missing.length === 0, missing }
  }

  #missing(): string[] {
    if (this.#isEnding) return ['the broker is shutting down']
    if (!this.#coordinator) return ['storage is being opened']
    const missing: string[] = []
    if (this.#listens && this.#cluster?.isServing === false) missing.push(withoutLease(this.#cluster.leaseAgeMs))
    const { loaded, shards } = this.#coordinator.progress
    if (loaded < shards) missing.push(`groups are being loaded: ${loaded} of ${shards} partitions are done`)
    const { room, descriptors } = this.#logs?.waiting ?? { room: 0, descriptors: 0 }
    if (room > 0) missing.push(`the disk is full: ${room} partitions take no records until there is room`)
    if (descriptors > 0)
      missing.push(`out of file descriptors: ${descriptors} partitions take no records until there are some`)
    if (!this.#listens) missing.push('no connections of clients are accepted yet')
    return missing
  }
}

function withoutLease(ageMs: number | null): string {
  const since = ageMs === null ? '' : ` for ${Math.round(ageMs / 1000)} s`
  return `the database that brokers share has heard nothing of this one${since}: others may lead what it led`
}
