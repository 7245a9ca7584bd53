import { ErrorCode, OffsetCommit } from '@rivven/protocol'
import type { OffsetToCommit } from '../../admin/group-offsets.js'
import { asRivvenError, errorFromCode, isRetriable, type RivvenError } from '../../errors.js'
import type { Cluster } from '../../net/cluster.js'
import type { Outgoing } from '../../net/connection.js'
import type { GroupIdentity, GroupRequests } from '../../net/group-requests.js'
import { retry } from '../../net/retry.js'
import { byTopic, partitionKey, partitionsText, type TopicPartition } from '../../topic-partition.js'
import { commitFailed, fenced, noGroup, type Refused, rebalancing, refusedPartitions } from './commit-refusals.js'
import { gonePartitions } from './gone-partitions.js'

/** Whoever commits: says as whom, and learns what the coordinator says about its membership. */
export interface Committer {
  /**
   * Asked when a commit is made; what it returns, before each try: as whom. That throws where these partitions cannot be
   * committed now, and where one was lost since, though it may have come back: what was read of it before counts no more.
   */
  claimFor(offsets: readonly OffsetToCommit[]): () => GroupIdentity
  /** The coordinator refused: 22, 25, 27, 82; what it means for the present membership, null where that is another by now. */
  refused(errorCode: number, identity: GroupIdentity): number | null
  /** These need no commit any more: they are committed, or their topic is gone. */
  settled(offsets: readonly OffsetToCommit[]): void
}

/** A commit on its way. Partitions fare differently: what is still to be committed, and what cannot be ever. */
interface Commit {
  left: readonly OffsetToCommit[]
  readonly gone: OffsetToCommit[]
}

export interface CommitOptions {
  /** How long to try, in milliseconds. */
  timeoutMs: number
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
  #last: Promise<unknown> = Promise.resolve()

  /** Without `requests` (no groupId) nothing can be committed. */
  constructor(cluster: Cluster, requests: GroupRequests | null, committer: Committer) {
    this.#cluster = cluster
    this.#requests = requests
    this.#committer = committer
  }

  /**
   * Commits, trying again until it succeeds, fails for good or `timeoutMs` have passed. What can be committed is, whatever
   * becomes of the rest. Resolves with what could not be because its topic was deleted.
   */
  commit(offsets: readonly OffsetToCommit[], { timeoutMs, onSetback }: CommitOptions): Promise<OffsetToCommit[]> {
    const claim = this.#committer.claimFor(offsets)
    const commit: Commit = { left: offsets, gone: [] }
    const what = `Committing ${partitionsText(offsets)}`
    const attempt = (remainingMs: number) => this.#send(commit, claim(), remainingMs)
    return this.#inOrder(async () => {
      await this.#retrying(what, { timeoutMs, onSetback }, attempt)
      return commit.gone
    })
  }

  /** Commits with a single try, for the background. */
  commitOnce(offsets: readonly OffsetToCommit[]): Promise<OffsetToCommit[]> {
    const claim = this.#committer.claimFor(offsets)
    const commit: Commit = { left: offsets, gone: [] }
    return this.#inOrder(async () => {
      await this.#send(commit, claim(), this.#cluster.requestTimeoutMs)
      return commit.gone
    })
  }

  /** Resolves when all commits made so far are done, whether they succeeded or not. */
  async settled(): Promise<void> {
    await this.#last
  }

  async #send(commit: Commit, identity: GroupIdentity, timeoutMs: number): Promise<void> {
    const requests = this.#mustHaveGroup()
    const { requestTimeoutMs } = this.#cluster
    const answer = await requests.send(OffsetCommit, commitRequest(requests.groupId, identity, commit.left), {
      maxVersion: newestVersion,
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
    if (worst) throw this.#refusal(worst.code, failed, identity)
  }

  /** The error of a refused commit, after telling the member what it means for it (classic-groups §5.8). */
  #refusal(code: number, partitions: readonly TopicPartition[], identity: GroupIdentity): RivvenError {
    const requests = this.#mustHaveGroup()
    const what = `Committing ${partitionsText(partitions)} for group ${requests.groupId}`
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
        this.#committer.refused(code, identity)
        return rebalancing(what, facts)
      case ErrorCode.ILLEGAL_GENERATION:
      case ErrorCode.UNKNOWN_MEMBER_ID:
      case ErrorCode.GROUP_ID_NOT_FOUND: {
        // A group that its coordinator does not know (any more) has no members.
        const meant = code === ErrorCode.GROUP_ID_NOT_FOUND ? ErrorCode.UNKNOWN_MEMBER_ID : code
        const isPast = this.#committer.refused(meant, identity) === null
        return isPast ? rebalancing(what, facts) : commitFailed(code, what, facts)
      }
      case ErrorCode.FENCED_INSTANCE_ID:
        if (this.#committer.refused(code, identity) === code) return fenced(what, facts)
        return commitFailed(ErrorCode.UNKNOWN_MEMBER_ID, what, facts)
      default:
        return errorFromCode(code, what, { facts: { ...facts, topic, partition } })
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

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.then(settle, settle)
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

function settle(): void {
  // Whoever made the commit learns how it went; the next one follows in either case.
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
