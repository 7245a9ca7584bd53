import { CommitFailedError, errorFromCode, FencedError, RebalanceInProgressError, type RivvenError } from '@rivven/link'
import { ErrorCode, type OffsetCommitResponse } from '@rivven/protocol'
import type { TopicPartition } from '../../topic-partition.js'

export interface Refused extends TopicPartition {
  code: number
}

/** What was refused; errors that can be retried come last, so that none of them hides one that cannot. */
export function refusedPartitions({ topics }: OffsetCommitResponse): Refused[] {
  const refused = topics.flatMap(({ name, partitions }) =>
    partitions
      .filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
      .map(({ partitionIndex, errorCode }) => ({ topic: name, partition: partitionIndex, code: errorCode })),
  )
  const rank = ({ code }: Refused) => (errorFromCode(code, '').retriable ? 1 : 0)
  return refused.sort((a, b) => rank(a) - rank(b))
}

export function noGroup(what: string): RivvenError {
  return new CommitFailedError('INVALID_STATE', `${what} belong to a group, and this consumer has none.`, {
    hint: 'Give it a groupId.',
  })
}

export type Facts = Record<string, string | number>

/** The group has not gone on to its next generation for as long as the commit could wait. */
export function rebalancing(what: string, facts: Facts): RivvenError {
  return new RebalanceInProgressError('REBALANCE_IN_PROGRESS', `${what} failed: the group is rebalancing.`, {
    hint: 'Go on polling: the partitions that stay are committed by the next commit, the others are read again by their new owner.',
    facts,
    errorCode: ErrorCode.REBALANCE_IN_PROGRESS,
  })
}

/** Of a member whose place in its group the coordinator refuses: `errorCode` as it came, and as it is `understood`. */
export function placeLost(errorCode: number, understood: number, what: string, facts: Facts): RivvenError {
  if (understood === ErrorCode.REBALANCE_IN_PROGRESS) return rebalancing(what, facts)
  if (understood === ErrorCode.FENCED_INSTANCE_ID) return fenced(what, facts)
  return facts.memberId === '' ? notMember(errorCode, what, facts) : commitFailed(errorCode, what, facts)
}

/** Who reads partitions by itself commits as nobody, and that only where no members are. */
function notMember(errorCode: number, what: string, facts: Facts): RivvenError {
  const text = `${what} failed: the group has members, and only they may commit.`
  const hint = 'Give this consumer a groupId of its own, or call subscribe() to share the partitions with the others.'
  return new CommitFailedError('COMMIT_FAILED', text, { hint, facts, errorCode })
}

function commitFailed(errorCode: number, what: string, facts: Facts): RivvenError {
  const text = `${what} failed: this member no longer owns them, the group went on without it.`
  return new CommitFailedError('COMMIT_FAILED', text, {
    hint: 'Go on polling to join again; what was not committed is read again by its new owner. Poll more often or raise maxPollIntervalMs if this happens a lot.',
    facts,
    errorCode,
  })
}

function fenced(what: string, facts: Facts): RivvenError {
  return new FencedError('FENCED_INSTANCE_ID', `${what} failed: another consumer has taken this groupInstanceId.`, {
    fatal: true,
    hint: 'Give each consumer a groupInstanceId of its own.',
    facts,
    errorCode: ErrorCode.FENCED_INSTANCE_ID,
  })
}
