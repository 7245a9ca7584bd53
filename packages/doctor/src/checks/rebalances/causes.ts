import type { RebalanceCause } from '@rivven/groups'

const byItself = 'It is the application that starts, ends or changes: less often, or all members at once.'
const late = 'Look at what keeps that member from answering in time; group explain names it.'
const fewer =
  'Keep members where they are: give each process a group_instance_id, so that a restart within its session moves nothing.'

/** What is to be done about rebalances that begin so. */
const remedies: Readonly<Record<RebalanceCause, string>> = {
  ...{ 'first member': byItself, 'member joined': fewer, 'member left': fewer, 'static member replaced': fewer },
  'session expired': 'See the finding session-expired: it says why heartbeats stay away.',
  'poll timeout': 'See the finding poll-timeout: handlers take longer than max_poll_interval_ms.',
  admin: 'Somebody removes members again and again: rivvenctl group remove-member, or a tool like it.',
  'offsets reset': 'Somebody resets offsets again and again: rivvenctl group snapshots tells who, and with what.',
  'subscription changed':
    'Members change what they subscribe to: give all of them the same topics, or a pattern that matches fewer.',
  'partitions added': 'Partitions are added to a topic that the group reads: add them in one go.',
  'partitions handed over':
    'That is the second half of a cooperative rebalance: the cause of the first one is what is to be mended.',
  ...{ 'leader rejoined': byItself, 'member rejoined': byItself },
  ...{ 'member did not sync': late, 'member did not join': late },
  'group larger than its maximum': 'The group has more members than group_max_size: raise it, or start fewer.',
  'coordinator moved': 'Brokers come and go: see why.',
}

export function remedyOf(cause: RebalanceCause): string {
  return remedies[cause]
}
