import type { RebalanceStory } from '@rivven/groups'

/** One kind of cause in words. */
export interface CauseWords {
  /** A sentence about one rebalance; `who` is the culprit's name. */
  what(who: string): string
  /** What stands behind "5 because …"; null: several, or nobody. */
  phrase(who: string | null): string
  /** What it means when it comes again and again, or needs somebody: what to look at, and the setting that bears on it. */
  advice: string
  /** Part of everyday life unless it comes often. */
  isUsual: boolean
}

const staticHint =
  'Where members restart (rolling updates, pods), give each a fixed group_instance_id: one that is back within ' +
  'session_timeout_ms costs no rebalance. partition_assignment_strategy: cooperative_sticky lets the others read on meanwhile.'

const words: Readonly<Record<string, CauseWords>> = {
  'first member': {
    what: (who) => `${who} was the first member of an empty group.`,
    phrase: (who) => `${who ?? 'a member'} came to an empty group`,
    advice: `The group was empty before: all of its members were gone. Look why they restart. ${staticHint}`,
    isUsual: true,
  },
  'member joined': {
    what: (who) => `${who} joined.`,
    phrase: (who) => `${who ?? 'members'} joined`,
    advice: `Somebody new joins again and again: look for processes that restart, or for an autoscaler that is too eager. ${staticHint}`,
    isUsual: true,
  },
  'member left': {
    what: (who) => `${who} left.`,
    phrase: (who) => `${who ?? 'members'} left`,
    advice: `Members are closed again and again: deployments, restarts, or code that makes a consumer for each task. ${staticHint}`,
    isUsual: true,
  },
  'session expired': {
    what: (who) => `${who} sent no heartbeat for longer than its session.timeout.ms, so it was given up.`,
    phrase: (who) => `the session of ${who ?? 'members'} expired`,
    advice:
      'Its process was killed, stopped or paused longer than session_timeout_ms (a container without CPU or memory, a ' +
      'long garbage collection), or cut off from the broker. Look at its restarts, at its CPU throttling and at the ' +
      'network first. Where such pauses are to be expected raise session_timeout_ms (default 45000) and keep ' +
      'heartbeat_interval_ms at a third of it or less.',
    isUsual: false,
  },
  'poll timeout': {
    what: (who) => `${who} did not poll for longer than its max.poll.interval.ms and left.`,
    phrase: (who) => `${who ?? 'members'} did not poll in time`,
    advice:
      'Handling what one poll returned took longer than max_poll_interval_ms (default 300000): look for slow calls in ' +
      'the handler. Then take fewer records at a time (max_poll_records) or raise max_poll_interval_ms.',
    isUsual: false,
  },
  'leader rejoined': {
    what: (who) => `The leader, ${who}, asked for a new assignment.`,
    phrase: () => 'the leader asked for a new assignment',
    advice:
      'A leader joins again when partitions or topics changed. Often and without changes of topics: look at its log.',
    isUsual: true,
  },
  'subscription changed': {
    what: (who) => `${who} changed what it subscribes to.`,
    phrase: (who) => `${who ?? 'members'} changed what they read`,
    advice:
      'Members subscribe to changing sets of topics: look for subscribe() in a loop, for a pattern that matches topics ' +
      'that come and go, and for two versions of the application in one group.',
    isUsual: true,
  },
  'partitions handed over': {
    what: (who) => `${who} had given up partitions that others are to read, and joined again so that they get them.`,
    phrase: () => 'partitions were handed over (the second half of a cooperative rebalance)',
    advice:
      'Each is the second half of another rebalance and passes within milliseconds: look at what caused the first.',
    isUsual: true,
  },
  'member rejoined': {
    what: (who) => `${who} joined again and did not say why.`,
    phrase: (who) => `${who ?? 'members'} joined again`,
    advice:
      'A member that is in the group joins anew: look at its log for lost heartbeats or an assignor that changes.',
    isUsual: true,
  },
  'partitions added': {
    what: (who) => `Topics of the group got new partitions; ${who} noticed.`,
    phrase: () => 'topics got new partitions',
    advice: 'Topics grow or appear, and the group has to share the new partitions out. Make them in one go if you can.',
    isUsual: true,
  },
  'static member replaced': {
    what: (who) => `Another process took the place of static member ${who}.`,
    phrase: (who) => `${who === null ? 'static members were' : `static member ${who} was`} replaced`,
    advice:
      'Two processes run with the same group_instance_id and push each other out (FENCED_INSTANCE_ID in their logs), or ' +
      'one process restarts in a loop. Each running process needs an id of its own, such as the name of its pod.',
    isUsual: false,
  },
  'member did not sync': {
    what: (who) => `${who} joined but never asked for its assignment, so it was removed.`,
    phrase: (who) => `${who ?? 'members'} did not take up an assignment`,
    advice:
      'A member hung between joining and starting: look for a rebalance listener that blocks, or a process that was ' +
      'killed then. The group waits for it as long as the largest max_poll_interval_ms of its members.',
    isUsual: false,
  },
  'member did not join': {
    what: (who) => `${who} did not come when the group rebalanced, so it was removed.`,
    phrase: (who) => `${who ?? 'members'} did not come to a rebalance`,
    advice:
      'It was busy with its records while all others waited: a rebalance waits for the largest max_poll_interval_ms of ' +
      'the members (default 300000). Take fewer records at a time (max_poll_records), or lower max_poll_interval_ms.',
    isUsual: false,
  },
  'group larger than its maximum': {
    what: (who) => `The group was larger than the broker allows; ${who} had to go.`,
    phrase: () => 'the group was too large',
    advice: 'Start fewer members, or raise group_max_size of the broker.',
    isUsual: false,
  },
  admin: {
    what: (who) => `${who} was removed by an administrator.`,
    phrase: (who) => `an administrator removed ${who ?? 'members'}`,
    advice:
      'Somebody removes members (`rivvenctl group remove-member`, an operator, a script). A living one joins again.',
    isUsual: true,
  },
  'offsets reset': {
    what: (who) => `${who} reset offsets of the group: all members gave up what they had first.`,
    phrase: (who) => `${who ?? 'somebody'} reset offsets`,
    advice:
      'An operator or a script moves offsets while members read. `rivvenctl group snapshots` tells who, when and why, and ' +
      '`rivvenctl group undo` takes it back.',
    isUsual: true,
  },
  'coordinator moved': {
    what: () => 'The group got another coordinator, or its broker restarted.',
    phrase: () => 'the coordinator moved',
    advice: 'Look why brokers restart: members keep their places when one is back within session_timeout_ms.',
    isUsual: false,
  },
}

export function causeWords(cause: RebalanceStory['cause']): CauseWords {
  return (
    words[cause] ?? { what: (who) => `${cause} (${who}).`, advice: 'Look at the log of that member.', isUsual: true }
  )
}

/** What is said at every first join tells nothing: Rivven's client, and the answer to KIP-394. */
export function saysMore(reason: string | null): reason is string {
  const isNoise = (text: string) => text === 'first join' || text.startsWith('need to re-join with the given member-id')
  return reason !== null && reason !== '' && !isNoise(reason)
}
