import type { OffsetToCommit } from '../../admin/group-offsets.js'
import { type CommitTrace, commits } from '../../diagnostics/channels.js'
import { Durations } from '../../diagnostics/distribution.js'
import type { ConsumerMetrics } from '../../diagnostics/metrics.js'
import type { Cluster } from '../../net/cluster.js'

/** Commits are counted, and told to those who listen. */
export class CommitWatch {
  readonly #cluster: Cluster
  readonly #groupId: string | null
  readonly #latency = new Durations()
  #done = 0
  #failed = 0

  constructor(cluster: Cluster, groupId: string | null) {
    this.#cluster = cluster
    this.#groupId = groupId
  }

  get soFar(): ConsumerMetrics['commits'] {
    return { done: this.#done, failed: this.#failed, latencyMs: this.#latency.soFar }
  }

  during<T>(offsets: readonly OffsetToCommit[], commit: () => Promise<T>): Promise<T> {
    if (!commits.isHeard) return this.#counted(commit)
    const { clientId } = this.#cluster
    const context: CommitTrace = { clientId, groupId: this.#groupId, offsets }
    return commits.during(context, async () => {
      try {
        return await this.#counted(commit)
      } finally {
        context.server = this.#cluster.knownCoordinator(this.#groupId ?? '', 'group')?.address
      }
    })
  }

  async #counted<T>(commit: () => Promise<T>): Promise<T> {
    const { clock } = this.#cluster.runtime
    const begunAt = clock.monotonic()
    try {
      const result = await commit()
      this.#done++
      this.#latency.add(clock.monotonic() - begunAt)
      return result
    } catch (error) {
      this.#failed++
      throw error
    }
  }
}
