import type { Coordinator } from '../coordinator/groups/coordinator.js'
import type { Logs } from '../log/logs.js'

/** What `/health/ready` says: what is not there yet is named. */
export interface Readiness {
  readonly ready: boolean
  readonly missing: readonly string[]
}

/** How far a broker has come with its start, and that it ends. Written by the broker, read by whoever asks. */
export class Health {
  #coordinator: Coordinator | undefined
  #logs: Pick<Logs, 'waitingForRoom'> | undefined
  #listens = false
  #isEnding = false

  storageOpened({ coordinator, logs }: { coordinator: Coordinator; logs: Pick<Logs, 'waitingForRoom'> }): void {
    this.#coordinator = coordinator
    this.#logs = logs
  }

  listening(): void {
    this.#listens = true
  }

  ending(): void {
    this.#isEnding = true
  }

  get readiness(): Readiness {
    const missing = this.#missing()
    return { ready: missing.length === 0, missing }
  }

  #missing(): string[] {
    if (this.#isEnding) return ['the broker is shutting down']
    if (!this.#coordinator) return ['storage is being opened']
    const missing: string[] = []
    const { loaded, shards } = this.#coordinator.progress
    if (loaded < shards) missing.push(`groups are being loaded: ${loaded} of ${shards} partitions are done`)
    const waiting = this.#logs?.waitingForRoom ?? 0
    if (waiting > 0) missing.push(`the disk is full: ${waiting} partitions take no records until there is room`)
    if (!this.#listens) missing.push('no connections of clients are accepted yet')
    return missing
  }
}
