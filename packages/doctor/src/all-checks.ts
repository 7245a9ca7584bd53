import type { Check } from './check.js'
import { idleMembers } from './checks/assignment/idle-members.js'
import { noOwner } from './checks/assignment/no-owner.js'
import { unevenAssignment } from './checks/assignment/uneven-assignment.js'
import { brokerLoop } from './checks/cluster/broker-loop.js'
import { commitLoad } from './checks/cluster/commit-load.js'
import { disk } from './checks/cluster/disk.js'
import { openToNetwork } from './checks/cluster/open-to-network.js'
import { timestampsOff } from './checks/cluster/timestamps-off.js'
import { transactionHoldsReaders } from './checks/cluster/transaction-holds-readers.js'
import { commitEachRecord } from './checks/commits/commit-each-record.js'
import { commitsNothing } from './checks/commits/commits-nothing.js'
import { redelivered } from './checks/commits/redelivered.js'
import { redeliveredAfterCrash } from './checks/commits/redelivered-after-crash.js'
import { refusedCommits } from './checks/commits/refused-commits.js'
import { fallingBehind } from './checks/lag/falling-behind.js'
import { hotKey } from './checks/lag/hot-key.js'
import { hotPartition } from './checks/lag/hot-partition.js'
import { nobodyReads } from './checks/lag/nobody-reads.js'
import { stuckPartition } from './checks/lag/stuck-partition.js'
import { tooFewMembers } from './checks/lag/too-few-members.js'
import { eventLoopBlocked } from './checks/members/event-loop-blocked.js'
import { heartbeatTooRare } from './checks/members/heartbeat-too-rare.js'
import { instanceIdTwice } from './checks/members/instance-id-twice.js'
import { pollGapNearLimit } from './checks/members/poll-gap-near-limit.js'
import { pollTimeout } from './checks/members/poll-timeout.js'
import { sessionExpired } from './checks/members/session-expired.js'
import { sessionShort } from './checks/members/session-short.js'
import { staticMemberAway } from './checks/members/static-member-away.js'
import { offsetAfterEnd } from './checks/offsets/offset-after-end.js'
import { offsetBeforeStart } from './checks/offsets/offset-before-start.js'
import { offsetsExpire } from './checks/offsets/offsets-expire.js'
import { retentionClose } from './checks/offsets/retention-close.js'
import { memberSilent } from './checks/reading/member-silent.js'
import { readsUncommitted } from './checks/reading/reads-uncommitted.js'
import { slowFetch } from './checks/reading/slow-fetch.js'
import { slowHandler } from './checks/reading/slow-handler.js'
import { eagerByMix } from './checks/rebalances/eager-by-mix.js'
import { eagerPauses } from './checks/rebalances/eager-pauses.js'
import { rebalanceStorm } from './checks/rebalances/rebalance-storm.js'
import { restartChurn } from './checks/rebalances/restart-churn.js'
import { slowRebalance } from './checks/rebalances/slow-rebalance.js'
import { stuckRebalance } from './checks/rebalances/stuck-rebalance.js'
import { subscriptionsDiffer } from './checks/rebalances/subscriptions-differ.js'

/** All there are, in the order in which docs/doctor.md and findings of one severity have them. */
export const allChecks: readonly Check[] = [
  rebalanceStorm,
  pollTimeout,
  pollGapNearLimit,
  sessionExpired,
  heartbeatTooRare,
  sessionShort,
  restartChurn,
  staticMemberAway,
  instanceIdTwice,
  eagerByMix,
  eagerPauses,
  slowRebalance,
  stuckRebalance,
  subscriptionsDiffer,
  fallingBehind,
  tooFewMembers,
  slowHandler,
  slowFetch,
  stuckPartition,
  hotPartition,
  hotKey,
  unevenAssignment,
  idleMembers,
  noOwner,
  nobodyReads,
  memberSilent,
  commitsNothing,
  refusedCommits,
  redelivered,
  redeliveredAfterCrash,
  commitEachRecord,
  offsetsExpire,
  offsetBeforeStart,
  retentionClose,
  offsetAfterEnd,
  readsUncommitted,
  transactionHoldsReaders,
  timestampsOff,
  eventLoopBlocked,
  brokerLoop,
  disk,
  commitLoad,
  openToNetwork,
]
