import type { Outgoing } from '@rivven/link'
import { asRivvenError, errorFromCode, isDoneBy, isRetriable, type RivvenError, retry } from '@rivven/link'
import { ErrorCode, OffsetCommit } from '@rivven/protocol'
import type { OffsetToCommit } from '../../admin/group-offsets.js'
import type { Cluster } from '../../net/cluster.js'
import type { GroupIdentity, GroupRequests } from '../../net/group-requests.js'
import { byTopic, partitionKey, partitionsText, type TopicPartition } from '../../topic-partition.js'
import type { CommitClaim, CommitPermit, Committer } from './commit-claims.js'
import { noGroup, placeLost, type Refused, rebalancing, refusedPartitions } from './commit-refusals.js'
import { CommitWatch } from './commit-watch.js'
import { gonePartitions } from './gone-partitions.js'

/** A commit on its way. Partitions fare differently: what is still to be committed, and what cannot be ever. */
interface Commit {
  readonly claim: CommitClaim
  readonly gone: OffsetToCommit[]
  left: readonly OffsetToCommit[]
  refusal: RivvenError | null
}

export interface CommitOptions {
  /** How long to try, in milliseconds. */
  timeoutMs: number
  /** Whether a commit between two generations waits for the next one, or fails. Default false. */
  isPatient?: boolean
  /** Told of each failure that is followed by another try. */
  onSetback?(error: RivvenError): void
}

// Newer versions name topics by id only (KIP-848 era); the classic consumer stays below.
const newestVersion = 9

/** Commits offsets, one commit after the other, so that none is overtaken. */
export class Commits {
  readonly #cluster: Cluster
  readonly #requests: GroupRequests | null
  readonly #committer: Committer
  /** Whoever wants to know how commits go. */
  readonly watch: CommitWatch
  #last: Promise<unknown> = Promise.resolve()
  #isEnding = false
  #end: () => void = ignore
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = resolve
  })

  /** Without `requests` (no groupId) nothing can be committed. */
  constructor(cluster: Cluster, requests: GroupRequests | null, committer: Committer) {
    this.#cluster = cluster
    this.#requests = requests
    this.#committer = committer
    this.watch = new CommitWatch(cluster, requests?.groupId ?? null)
  }

  /**
   * Commits, trying again until it succeeds, fails for good or `timeoutMs` have passed. What can be committed is, whatever
   * becomes of the rest. Resolves with what could not be because its topic was deleted; throws COMMIT_FAILED, at the end,
   * for what this member has lost.
   */
  commit(offsets: readonly OffsetToCommit[], options: CommitOptions): Promise<OffsetToCommit[]> {
    const commit = this.#begin(offsets)
    const { isPatient = false } = options
    return this.#inOrder(offsets, async () => {
      await this.#retrying(whatOf(offsets), options, (remainingMs) => this.#try(commit, remainingMs, isPatient))
      return endOf(commit)
    })
  }

  /** Commits with a single try, for the background. */
  commitOnce(offsets: readonly OffsetToCommit[]): Promise<OffsetToCommit[]> {
    const commit = this.#begin(offsets)
    return this.#inOrder(offsets, async () => {
      await this.#try(commit, this.#cluster.requestTimeoutMs, false)
      return endOf(commit)
    })
  }

  /** From now on nobody waits for the group. Resolves when all commits made so far are done, whether they succeeded or not. */
  async finish(): Promise<void> {
    this.#isEnding = true
    this.#end()
    await this.#last
  }

  #begin(offsets: readonly OffsetToCommit[]): Commit {
    return { claim: this.#committer.claimFor(offsets), left: offsets, gone: [], refusal: null }
  }

  /** One try, made anew for each generation that the group goes on to meanwhile. */
  async #try(commit: Commit, timeoutMs: number, isPatient: boolean): Promise<void> {
    const { clock } = this.#cluster.runtime
    const deadline = clock.monotonic() + timeoutMs
    for (;;) {
      const changed = commit.claim.changed()
      const permit = commit.claim.permit(commit.left)
      if (permit && (await this.#sendPermitted(commit, permit, deadline - clock.monotonic()))) return
      if (!isPatient || !(await this.#waited(changed, deadline))) throw this.#rebalancing(commit.left)
    }
  }

  async #waited(changed: Promise<void>, deadline: number): Promise<boolean> {
    if (this.#isEnding) return false
    return isDoneBy(Promise.race([changed, this.#ended]), deadline, this.#cluster.runtime.clock)
  }

  #rebalancing(offsets: readonly OffsetToCommit[]): RivvenError {
    const { groupId } = this.#mustHaveGroup()
    return rebalancing(`${whatOf(offsets)} for group ${groupId}`, { group: groupId })
  }

  /** False when the coordinator refused a place in the group that is past. */
  async #sendPermitted(commit: Commit, permit: CommitPermit, timeoutMs: number): Promise<boolean> {
    commit.refusal ??= permit.refusal
    commit.left = permit.offsets
    return commit.left.length === 0 || this.#send(commit, permit, timeoutMs)
  }

  async #send(commit: Commit, { identity, isJoining }: CommitPermit, timeoutMs: number): Promise<boolean> {
    const requests = this.#mustHaveGroup()
    const { requestTimeoutMs } = this.#cluster
    const answer = await requests.send(OffsetCommit, commitRequest(requests.groupId, identity, commit.left), {
      maxVersion: newestVersion,
      channel: isJoining ? 'main' : 'coordinator',
      timeoutMs: Math.max(1, Math.min(timeoutMs, requestTimeoutMs)),
    })
    const refused = refusedPartitions(answer)
    const gone = keysOf(await gonePartitions(this.#cluster, refused.filter(isUnknown)))
    const failed = refused.filter((entry) => !gone.has(keyOf(entry)))
    const left = keysOf(failed)
    this.#committer.settled(commit.left.filter((offset) => !left.has(keyOf(offset))))
    commit.gone.push(...commit.left.filter((offset) => gone.has(keyOf(offset))))
    commit.left = commit.left.filter((offset) => left.has(keyOf(offset)))
    const worst = failed[0]
    if (!worst) return true
    const refusal = this.#refusal({ ...worst, reason: answer.reason }, failed, identity)
    if (refusal) throw refusal
    return false
  }

  /** The error of a refused commit, after telling the member what it means for it (classic-groups §5.8); null: nothing. */
  #refusal(
    { code, reason }: Refused & { reason: string | null },
    partitions: readonly TopicPartition[],
    identity: GroupIdentity,
  ): RivvenError | null {
    const requests = this.#mustHaveGroup()
    const what = `${whatOf(partitions)} for group ${requests.groupId}`
    const facts = { group: requests.groupId, memberId: identity.memberId, generation: identity.generationId }
    const { topic, partition } = partitions[0]!
    switch (code) {
      case ErrorCode.REQUEST_TIMED_OUT:
        requests.forgetCoordinator()
        return errorFromCode(code, what, { facts })
      case ErrorCode.NOT_COORDINATOR:
      case ErrorCode.COORDINATOR_NOT_AVAILABLE:
        requests.forgetCoordinator()
        return errorFromCode(code, what, { retriable: true, facts })
      case ErrorCode.REBALANCE_IN_PROGRESS:
      case ErrorCode.ILLEGAL_GENERATION:
      case ErrorCode.UNKNOWN_MEMBER_ID:
      case ErrorCode.GROUP_ID_NOT_FOUND:
      case ErrorCode.FENCED_INSTANCE_ID: {
        // A group that its coordinator does not know (any more) has no members.
        const meant = code === ErrorCode.GROUP_ID_NOT_FOUND ? ErrorCode.UNKNOWN_MEMBER_ID : code
        const understood = this.#committer.refused(meant, identity, reason)
        return understood === null ? null : placeLost(code, understood, what, facts)
      }
      default:
        return errorFromCode(code, what, { facts: { ...facts, topic, partition, operation: 'READ' } })
    }
  }

  #retrying(
    what: string,
    { timeoutMs, onSetback }: CommitOptions,
    attempt: (remainingMs: number) => Promise<void>,
  ): Promise<void> {
    const { clock, random } = this.#cluster.runtime
    const { retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs, closeSignal: signal } = this.#cluster
    const retriable = (error: unknown) => {
      if (!isRetriable(error)) return false
      onSetback?.(asRivvenError(error, what))
      return true
    }
    return retry({ clock, random, what, timeoutMs, backoffMs, maxBackoffMs, signal, retriable }, attempt)
  }

  #inOrder<T>(offsets: readonly OffsetToCommit[], work: () => Promise<T>): Promise<T> {
    const done = this.watch.during(offsets, () => this.#last.then(work))
    this.#last = done.then(ignore, ignore)
    return done
  }

  #mustHaveGroup(): GroupRequests {
    if (this.#requests) return this.#requests
    throw noGroup('Commits')
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return partitionKey(topic, partition)
}

function keysOf(partitions: readonly TopicPartition[]): Set<string> {
  return new Set(partitions.map(keyOf))
}

function isUnknown({ code }: Refused): boolean {
  return code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}

function ignore(): void {
  // Whoever made the commit learns how it went; the next one follows in either case.
}

function whatOf(partitions: readonly TopicPartition[]): string {
  return `Committing ${partitionsText(partitions)}`
}

function endOf({ gone, refusal }: Commit): OffsetToCommit[] {
  if (refusal) throw refusal
  return gone
}

function commitRequest(
  groupId: string,
  identity: GroupIdentity,
  offsets: readonly OffsetToCommit[],
): Outgoing<typeof OffsetCommit> {
  const { generationId, memberId, groupInstanceId } = identity
  const topics = [...byTopic(offsets)].map(([name, ofTopic]) => ({
    name,
    partitions: ofTopic.map(({ partition, offset, leaderEpoch, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch ?? -1,
      committedMetadata: metadata ?? '',
    })),
  }))
  return { groupId, generationIdOrMemberEpoch: generationId, memberId, groupInstanceId, topics }
}
