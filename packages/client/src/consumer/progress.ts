import type { CommittedOffset, OffsetToCommit } from '../admin/group-offsets.js'
import { noMember } from '../net/group-requests.js'
import type { OpenCalls } from '../net/open-calls.js'
import type { TopicPartition } from '../topic-partition.js'
import type { Membership } from './group/membership.js'
import type { Lifetime } from './lifetime.js'
import { noteSettled, offsetsToCommit } from './offsets/auto-commit.js'
import { noGroup } from './offsets/commit-refusals.js'
import type { Commits } from './offsets/commits.js'
import type { CommittedOffsets } from './offsets/committed-offsets.js'
import type { ConsumerPosition } from './offsets/consumer-position.js'
import { topicGone } from './offsets/gone-partitions.js'
import { offsetsBehind, type RecordPlace } from './offsets/offsets-behind.js'
import type { ConsumerSettings } from './options/consumer-options.js'
import type { SubscriptionState } from './state/subscription-state.js'

export interface ProgressParts {
  settings: ConsumerSettings
  subscription: SubscriptionState
  commits: Commits
  committed: CommittedOffsets
  membership: Membership | null
  calls: OpenCalls
  lifetime: Lifetime
}

/** How far the application says that it has come: what it commits itself, or with a transaction. */
export class Progress {
  readonly #parts: ProgressParts

  constructor(parts: ProgressParts) {
    this.#parts = parts
  }

  /** Commits behind these records; null: behind all that were returned. */
  async commit(handled: readonly RecordPlace[] | null): Promise<void> {
    const { settings, subscription, lifetime } = this.#parts
    lifetime.mayStillCommit()
    if (settings.groupId === undefined) throw noGroup('Commits')
    const offsets = handled ? offsetsBehind(handled, subscription) : offsetsToCommit(subscription.assigned, 'delivered')
    if (offsets.length > 0) await this.commitOffsets(offsets)
  }

  async commitOffsets(offsets: readonly OffsetToCommit[]): Promise<void> {
    const { settings, commits, calls, lifetime } = this.#parts
    lifetime.mayStillCommit()
    if (offsets.length === 0) return
    const options = { timeoutMs: settings.apiTimeoutMs, isPatient: true }
    const gone = await calls.during(() => commits.commit(offsets, options))
    if (gone.length > 0) throw topicGone(gone)
  }

  async committed(partitions: readonly TopicPartition[]): Promise<CommittedOffset[]> {
    const { settings, committed, calls, lifetime } = this.#parts
    lifetime.mustBeOpen()
    if (partitions.length === 0) return []
    return calls.during(() => committed.known(partitions, settings.apiTimeoutMs))
  }

  /** For a transaction to commit. */
  get position(): ConsumerPosition {
    const { settings, subscription, membership, lifetime } = this.#parts
    lifetime.mayStillCommit()
    const { groupId } = settings
    if (groupId === undefined) throw noGroup('Positions to commit')
    const claim = subscription.isShared ? (membership?.claim ?? null) : noMember
    const placed = [...subscription.assigned].filter(({ position }) => position !== null)
    const offsets = offsetsToCommit(placed, 'delivered')
    const committed = () => noteSettled(subscription, offsets)
    return { groupId, ...(claim ?? noMember), offsets, isLost: claim === null, committed }
  }
}
