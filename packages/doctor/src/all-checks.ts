import type { Check } from './check.js'
import { idleMembers } from './checks/assignment/idle-members.js'
import { noOwner } from './checks/assignment/no-owner.js'
import { unevenAssignment } from './checks/assignment/uneven-assignment.js'
import { timestampsOff } from './checks/cluster/timestamps-off.js'
import { transactionHoldsReaders } from './checks/cluster/transaction-holds-readers.js'
import { fallingBehind } from './checks/lag/falling-behind.js'
import { hotKey } from './checks/lag/hot-key.js'
import { hotPartition } from './checks/lag/hot-partition.js'
import { nobodyReads } from './checks/lag/nobody-reads.js'
import { stuckPartition } from './checks/lag/stuck-partition.js'
import { tooFewMembers } from './checks/lag/too-few-members.js'
import { eventLoopBlocked } from './checks/members/event-loop-blocked.js'
import { offsetAfterEnd } from './checks/offsets/offset-after-end.js'
import { offsetBeforeStart } from './checks/offsets/offset-before-start.js'
import { retentionClose } from './checks/offsets/retention-close.js'
import { stuckRebalance } from './checks/rebalances/stuck-rebalance.js'
import { subscriptionsDiffer } from './checks/rebalances/subscriptions-differ.js'

/** All there are, in the order in which docs/doctor.md and findings of one severity have them. */
export const allChecks: readonly Check[] = [
  stuckRebalance,
  subscriptionsDiffer,
  fallingBehind,
  tooFewMembers,
  stuckPartition,
  hotPartition,
  hotKey,
  unevenAssignment,
  idleMembers,
  noOwner,
  nobodyReads,
  offsetBeforeStart,
  retentionClose,
  offsetAfterEnd,
  transactionHoldsReaders,
  timestampsOff,
  eventLoopBlocked,
]
