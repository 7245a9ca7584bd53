import type { Clock } from '@rivven/runtime'
import { isPassing } from '../../../database/database-error.js'
import type { Members } from '../../../database/members.js'
import type { DocumentRow } from '../../../database/metadata.js'
import { drainedBrokersDocument, readDrainedBrokers } from '../asked/drained-brokers.js'
import { CALL_MS } from '../cluster-times.js'
import type { ImageFollower } from '../image/image-follower.js'
import { insist } from '../insist.js'
import type { Membership } from './membership.js'

export interface DrainOptions {
  readonly members: Members
  readonly membership: Membership
  readonly follower: ImageFollower
  readonly clock: Clock
}

/**
 * Which brokers shall lead nothing. An operator's word stands in a document and outlives processes. What the brokers go by is the row of
 * each in the database, which a broker that leaves changes for itself, and may leave behind: each sees to it that its own row is as the
 * word is, but where it leaves.
 */
export class Drain {
  readonly #options: DrainOptions
  #known: { readonly row: DocumentRow | undefined; readonly brokers: ReadonlySet<number> } | undefined
  #isMending = false
  #isStopped = false

  constructor(options: DrainOptions) {
    this.#options = options
  }

  /** What an operator wants, as of now. */
  isWanted(brokerId: number): boolean {
    const row = this.#options.follower.rows.documents.get(drainedBrokersDocument)
    if (this.#known?.row !== row) this.#known = undefined
    this.#known ??= { row, brokers: readDrainedBrokers(row?.content) }
    return this.#known.brokers.has(brokerId)
  }

  /** Resolves when the own image has it. */
  async set(brokerId: number, isDraining: boolean, mostMs: number): Promise<void> {
    const { members, follower, clock } = this.#options
    const { isDone, version } = await insist(clock, mostMs, () => members.setDraining(brokerId, isDraining))
    await follower.reach(version)
    if (!isDone) throw isNotHere(brokerId)
  }

  mustBeHere(brokerId: number): void {
    if (!this.#options.follower.image.brokers.has(brokerId)) throw isNotHere(brokerId)
  }

  /** The image is another one: perhaps this broker's row is not as it should be. */
  changed(): void {
    if (!this.#isMending && this.#toMend() !== undefined) void this.#mend()
  }

  /** This broker leaves, and drains itself. */
  stop(): void {
    this.#isStopped = true
  }

  async #mend(): Promise<void> {
    this.#isMending = true
    try {
      for (let own = this.#toMend(); own !== undefined; own = this.#toMend())
        await this.set(own, this.isWanted(own), CALL_MS)
    } catch (error) {
      // The next change of the image looks again.
      if (!isPassing(error) && !isGone(error)) throw error
    } finally {
      this.#isMending = false
    }
  }

  /** The own id, if its row is another than it should be. */
  #toMend(): number | undefined {
    const { membership, follower } = this.#options
    const { me } = membership
    const self = me && follower.image.brokers.get(me.brokerId)
    if (this.#isStopped || !self || self.incarnation !== me.incarnation) return undefined
    return self.isDraining === this.isWanted(self.id) ? undefined : self.id
  }
}

class NotHereError extends Error {}

function isNotHere(brokerId: number): NotHereError {
  return new NotHereError(`There is no broker ${brokerId} in the cluster.`)
}

function isGone(error: unknown): boolean {
  return error instanceof NotHereError
}
