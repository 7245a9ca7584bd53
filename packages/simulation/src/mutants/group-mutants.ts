import type { Mutant } from './mutant.js'

const classic = 'groups/dist/src/classic'

/** Bugs of the group coordinator's rules. */
export const groupMutants: readonly Mutant[] = [
  {
    name: 'heartbeats of old generations are taken',
    file: `${classic}/heartbeat.js`,
    find: 'if (request.generationId !== group.generation)',
    replace: 'if (false)',
  },
  {
    name: 'commits of old generations are taken',
    file: 'groups/dist/src/offsets/commit.js',
    find: 'if (generation !== group.generation)',
    replace: 'if (false)',
  },
  {
    name: 'commits of strangers are taken',
    file: 'groups/dist/src/offsets/commit.js',
    find: 'if (errorCode !== ErrorCode.NONE)\n        return errorCode;',
    replace: '',
  },
  {
    name: 'syncs of old generations are taken',
    file: `${classic}/sync.js`,
    find: 'if (request.generationId !== group.generation)',
    replace: 'if (false)',
  },
  {
    name: 'generation not bumped',
    file: `${classic}/rebalance.js`,
    find: 'group.generation = nextGeneration(group);',
    replace: 'group.generation = Math.max(group.generation, 1);',
  },
  {
    name: 'generation forgotten by a restart',
    file: `${classic}/rebalance.js`,
    find: "turn.emit({ kind: 'GenerationReserved', groupId: group.groupId, generation: group.generation });",
    replace: '',
  },
  {
    name: 'rebalance not told to heartbeats',
    file: `${classic}/heartbeat.js`,
    find: "group.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE",
    replace: 'ErrorCode.NONE',
  },
  {
    name: 'sessions are not renewed',
    file: `${classic}/members.js`,
    find: 'member.deadline = monotonic + member.sessionTimeoutMs;',
    replace: 'member.deadline = Math.min(member.deadline, monotonic + member.sessionTimeoutMs);',
  },
  {
    name: 'sessions never end',
    file: `${classic}/timers.js`,
    find: 'if (member.deadline > now.monotonic)',
    replace: 'if (true)',
  },
  {
    name: 'timer not armed again',
    file: `${classic}/timers.js`,
    find: 'group.nextDeadline = Math.min(earliestDeadline(group), resetDeadline(turn));',
    replace: 'group.nextDeadline = Number.POSITIVE_INFINITY;',
  },
  {
    name: 'deadline from the wrong clock',
    file: `${classic}/heartbeat.js`,
    find: 'beat(shard, request, now.monotonic)',
    replace: 'beat(shard, request, now.wall - 1767225600000)',
  },
  {
    name: 'rebalance timeout is not kept',
    file: `${classic}/rebalance.js`,
    find: 'const waitMs = Math.max(shortestMs, rebalanceTimeout(group));',
    replace: 'const waitMs = Number.POSITIVE_INFINITY; void rebalanceTimeout;',
  },
  {
    name: 'join phase ends before all have joined',
    file: `${classic}/rebalance.js`,
    find: 'if (group.members.size === group.parkedJoins && group.pendingJoin.size === 0)',
    replace: 'if (group.members.size <= group.parkedJoins + 1 && group.parkedJoins > 0)',
  },
  {
    name: 'absent members stay in the generation',
    file: `${classic}/rebalance.js`,
    find: 'if (member.parkedJoin || member.groupInstanceId !== null)',
    replace: 'if (true)',
  },
  {
    name: 'followers that never sync stay',
    file: `${classic}/rebalance.js`,
    find: 'group.pendingSyncDeadline = now.monotonic + rebalanceTimeout(group);',
    replace:
      'group.pendingSyncDeadline = Number.POSITIVE_INFINITY; if (group.leaderId) group.members.get(group.leaderId).deadline = Number.POSITIVE_INFINITY;',
  },
  {
    name: 'any member may assign',
    file: `${classic}/sync.js`,
    find: 'if (group.leaderId === member.memberId)\n                storeAssignments',
    replace: 'if (true)\n                storeAssignments',
  },
  {
    name: 'assignments of two members swapped',
    file: `${classic}/sync.js`,
    find: 'for (const { memberId, assignment } of assignments) {',
    replace:
      'const given = assignments.map(({ assignment }) => assignment).reverse(); for (const [at, { memberId }] of assignments.entries()) { const assignment = given[at];',
  },
  {
    name: 'parked syncs are forgotten by a new rebalance',
    file: `${classic}/rebalance.js`,
    find: 'unparkSync(turn, member, ErrorCode.REBALANCE_IN_PROGRESS);',
    replace: 'member.parkedSync = null;',
  },
  {
    name: 'static replacement without fencing',
    file: `${classic}/members.js`,
    find: 'if (owner !== memberId)\n            return ErrorCode.FENCED_INSTANCE_ID;',
    replace: 'return ErrorCode.NONE;',
  },
  {
    name: 'static replacement is not stored',
    file: `${classic}/static-member.js`,
    find: "turn.emit({ kind: 'GroupStored', groupId: group.groupId, group: storedGroup(group, group.stateTimestamp) });",
    replace: '',
  },
  {
    name: 'static members lose their place at each return',
    file: `${classic}/static-member.js`,
    find: "if (group.state === 'Stable' && electProtocol(group) === group.protocolName) {",
    replace: "if (group.state === 'Stable') { old.assignment = Buffer.alloc(0);",
  },
  {
    name: 'leader is told an old list of members',
    file: `${classic}/leave.js`,
    find: 'removeMember(turn, member);',
    replace: 'member.left = true;',
  },
  {
    name: 'spurious zero offset',
    file: 'groups/dist/src/offsets/commit.js',
    find: 'offset: partition.committedOffset,',
    replace: 'offset: partition.committedOffset % 16 === 15 ? 0 : partition.committedOffset,',
    jepsen: true,
  },
  {
    name: 'of several partitions only the first is committed',
    file: 'groups/dist/src/offsets/commit.js',
    find: 'events.push({\n                kind:',
    replace: 'if (events.length === 0) events.push({\n                kind:',
  },
  {
    name: 'offset expiry of a live group',
    file: 'groups/dist/src/offsets/expire.js',
    find: "if (state === 'Empty') {",
    replace: 'if (true) {',
  },
  {
    name: 'offsets forgotten by a group that becomes empty',
    file: 'groups/dist/src/replay.js',
    find: "group.state = stored.members.length > 0 ? 'Stable' : 'Empty';",
    replace:
      "group.state = stored.members.length > 0 ? 'Stable' : 'Empty'; if (group.state === 'Empty') group.offsets = new group.offsets.constructor();",
  },
  {
    name: 'members loaded without a session',
    file: 'groups/dist/src/lifecycle.js',
    find: 'renewSession(group, member, now.monotonic);',
    replace: 'void member;',
  },
  {
    name: 'sessions are half as long',
    file: `${classic}/members.js`,
    find: 'member.deadline = monotonic + member.sessionTimeoutMs;',
    replace: 'member.deadline = monotonic + member.sessionTimeoutMs / 2;',
  },
  {
    name: 'sessions are twice as long',
    file: `${classic}/members.js`,
    find: 'member.deadline = monotonic + member.sessionTimeoutMs;',
    replace: 'member.deadline = monotonic + 2 * member.sessionTimeoutMs;',
  },
]
