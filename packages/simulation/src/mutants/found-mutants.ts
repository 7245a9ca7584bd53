import type { Mutant } from './mutant.js'

const consumer = 'client/dist/src/consumer'
const classic = 'groups/dist/src/classic'

/** Bugs that the product had until a campaign found them, put back: the seeds of the regression tests meet them. */
export const foundMutants: readonly Mutant[] = [
  {
    name: 'nobody is told that heartbeats are refused',
    file: `${consumer}/heartbeats/heartbeat-task.js`,
    find: 'if (!mayPass(error))',
    replace: 'if (false)',
  },
  {
    name: 'a login that comes too soon ends calls',
    file: 'link/dist/src/opening/renew-login.js',
    find: 'if (isRetriable(error) || isTooSoon(error))',
    replace: 'if (isRetriable(error))',
  },
  {
    name: 'two joins of one member at once',
    file: `${consumer}/group/standing.js`,
    find: 'if (this.isJoining)\n            return null;',
    replace: '',
    also: {
      file: `${consumer}/group/joining.js`,
      find: '// Two at once would fence each other.\n        this.#attempt?.abort();',
      replace: '',
    },
  },
  {
    name: 'static leader that came back looks for nothing',
    file: `${consumer}/group/join-loop.js`,
    find: 'this.#leading = { topics, snapshot, hasLeftOvers: true };',
    replace: "this.#leading = { topics, snapshot, hasLeftOvers: protocolOf(assignor) === 'cooperative' };",
  },
  {
    name: 'loaded members are not asked what else they offer',
    file: `${classic}/join.js`,
    find: 'if (mayFit && !isStranger)',
    replace: 'if (false)',
  },
  {
    name: 'strangers to a loaded group are not told so',
    file: `${classic}/join.js`,
    find: 'refuse(mayFit && isStranger ? ErrorCode.UNKNOWN_MEMBER_ID : ErrorCode.INCONSISTENT_GROUP_PROTOCOL);',
    replace: 'refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);',
  },
  {
    name: 'static members of a lost generation are fenced',
    file: `${classic}/members.js`,
    find: '(owner !== memberId && isOfLostGeneration)',
    replace: 'false',
  },
  {
    name: 'late JoinGroup of its own fences a static member for good',
    file: `${consumer}/group/join-loop.js`,
    find: 'member.lostJoins++;',
    replace: '',
  },
  {
    name: 'static members are fenced for good before their place is stored',
    file: `${consumer}/group/join-loop.js`,
    find: 'member.isKnownForGood = false;',
    replace: ';',
  },
  {
    name: 'SyncGroup in Stable renews no session',
    file: `${classic}/sync.js`,
    find: '            renewSession(group, member, now.monotonic);\n',
    replace: '',
  },
  {
    name: 'partitions lost while a commit lasts are read on',
    file: `${consumer}/group/handover.js`,
    find: 'if (!isDone && member.generationId >= 0)',
    replace: 'if (!isDone)',
  },
  {
    name: 'epochs of a log that is opened again are not known',
    file: 'broker/dist/src/log/log-condition.js',
    find: 'return this.store !== undefined && this.isWhole;',
    replace: 'return true;',
  },
  {
    name: 'fenced members join once more',
    file: `${consumer}/group/membership.js`,
    find: 'if (isFree && standing.failure === null)',
    replace: 'if (isFree)',
  },
  {
    name: 'leader looks after what it left to nobody only once',
    file: `${consumer}/group/left-overs.js`,
    find: 'if (isIncomplete === null)',
    replace: 'if (false)',
  },
  {
    name: 'a position moves while its leader is asked about it',
    file: `${consumer}/fetch/fetch-answer.js`,
    find: "if (state.phase.kind !== 'ready')",
    replace: 'if (false)',
  },
  {
    name: 'commits outlive the loss of their partitions',
    file: `${consumer}/group/commit-rights.js`,
    find: 'claimed.get(offset)?.isAssigned === true',
    replace: 'this.#parts.subscription.of(offset.topic, offset.partition) !== undefined',
  },
  {
    name: 'a deletion that the disk did not keep is answered at the next try',
    file: 'broker/dist/src/log/stored-log.js',
    find: 'if (this.checkpointed.startOffset < start)',
    replace: 'if (start <= this.logStartOffset) return; this.logStartOffset = start; if (true)',
    also: {
      file: 'broker/dist/src/handlers/data/delete-records.js',
      find: "if (view.health !== 'sound')",
      replace: 'if (false)',
    },
  },
  {
    name: 'partitions lost while others are given up are read on',
    file: `${consumer}/group/handover.js`,
    find: 'if (member.generationId >= 0 && (isEager',
    replace: 'const wasMember = member.generationId >= 0; if (wasMember && (isEager',
    also: {
      file: `${consumer}/group/handover.js`,
      find: 'if (member.generationId < 0)\n            await ownership.lose',
      replace: 'if (!wasMember) await ownership.lose',
    },
  },
  {
    name: 'members fenced while they take an assignment read on',
    file: `${consumer}/group/membership.js`,
    find: 'standing.throwFailure();\n        this.#parts.listener.throwError();',
    replace: 'this.#parts.listener.throwError();',
    also: {
      file: `${consumer}/group/handover.js`,
      find: 'if (member.generationId < 0)\n            return 0;',
      replace: '',
    },
  },
  {
    name: 'a compaction follows one that was cut short',
    file: 'broker/dist/src/storage/files/file-store.js',
    find: 'if (this.isSwapping)',
    replace: 'if (false)',
  },
  {
    name: 'readers see the start of a log before it is kept',
    file: 'broker/dist/src/log/stored-log.js',
    find: 'if (this.checkpointed.startOffset < start)',
    replace: 'this.logStartOffset = Math.max(start, this.logStartOffset); if (this.checkpointed.startOffset < start)',
  },
  {
    name: 'what the journal puts down must fill its hole',
    file: 'broker/dist/src/storage/files/recovery/repair.js',
    find: 'if (lost.length === 0)',
    replace: 'if (lost.length === 0 || end !== endPosition)',
  },
]
