import type { Mutant } from './mutant.js'

const consumer = 'client/dist/src/consumer'
const producer = 'client/dist/src/producer'

/** Bugs of the client outside of transactions. */
export const clientMutants: readonly Mutant[] = [
  {
    name: 'revoked partition still returned',
    file: `${consumer}/group/ownership.js`,
    find: 'this.#subscription.replaceAssignment(without(this.partitions, partitions));',
    replace: 'for (const partition of partitions) this.#subscription.mustOwn(partition).isRevoking = false;',
  },
  {
    name: 'eager members keep their partitions while joining',
    file: `${consumer}/group/handover.js`,
    find: "const isEager = member.protocol === 'eager';",
    replace: 'const isEager = false;',
  },
  {
    name: 'eager fallback without revoke',
    file: `${consumer}/group/handover.js`,
    find: 'await this.#giveUpAll(isWithheld(assignment), info);',
    replace: 'void isWithheld(assignment);',
  },
  {
    name: 'leader gives away what others hold',
    file: 'groups/dist/src/assignors/sticky.js',
    find: 'partitions.filter((one) => !transferring.has(one))',
    replace: 'partitions',
    also: { file: `${consumer}/group/claimed-partitions.js`, find: 'if (claims.size === 0)', replace: 'if (true)' },
  },
  {
    name: 'leader never looks after what it left to nobody',
    file: `${consumer}/group/membership.js`,
    find: 'if (this.#joining.hasLeftOvers)',
    replace: 'if (false)',
  },
  {
    name: 'lost membership is not noticed',
    file: `${consumer}/group/standing.js`,
    find: "this.loseMembership(reason ?? 'the group gave it up');",
    replace: '',
  },
  {
    name: 'a rebalance is not noticed',
    file: `${consumer}/group/standing.js`,
    find: "this.requestRejoin(reason ?? 'the group is rebalancing');",
    replace: '',
  },
  {
    name: 'no heartbeats after joining',
    file: `${consumer}/heartbeats/heartbeat-task.js`,
    find: 'this.#loop.start();',
    replace: '',
  },
  {
    name: 'static member leaves when it closes',
    file: `${consumer}/group/departure.js`,
    find: 'if (groupInstanceId !== null)',
    replace: "if (memberId === '')",
  },
  {
    name: 'reading begins one behind the committed offset',
    file: `${consumer}/offsets/positions.js`,
    find: 'this.#placing.begin(state, offset, leaderEpoch);',
    replace: 'this.#placing.begin(state, offset + 1, leaderEpoch);',
  },
  {
    name: 'fetched records are skipped',
    file: `${consumer}/fetch/fetch-answer.js`,
    find: 'state.fetchPosition = chunk.end;',
    replace: 'state.fetchPosition = { ...chunk.end, offset: chunk.end.offset + (chunk.end.offset % 7 === 0 ? 1 : 0) };',
  },
  {
    name: 'repeated batches get new sequences',
    file: `${producer}/partition-queue.js`,
    find: 'if (!batch.stamp && this.#identity)',
    replace: 'if (this.#identity)',
    jepsen: true,
  },
  {
    name: 'refused records count as written',
    file: `${producer}/attempts.js`,
    find: 'else if (answer.errorCode === ErrorCode.DUPLICATE_SEQUENCE_NUMBER)',
    replace: 'else if (answer.errorCode !== ErrorCode.NONE)',
    jepsen: true,
  },
  {
    name: 'position kept when a partition comes back',
    file: `${consumer}/state/subscription-state.js`,
    find: 'next.set(key, this.#assigned.get(key) ?? new PartitionState(topic, partition));',
    replace:
      'const kept = ((this.kept ??= new Map()).get(key)) ?? new PartitionState(topic, partition); kept.isAssigned = true; this.kept.set(key, kept); next.set(key, kept);',
  },
  {
    name: 'auto-commit takes what is still being handled',
    file: `${consumer}/state/partition-state.js`,
    find: 'if (this.position)\n            this.delivered = this.position;',
    replace: 'if (this.position)\n            this.delivered = this.handled = this.position;',
  },
  {
    name: 'committed offsets are not asked for',
    file: `${consumer}/offsets/positions.js`,
    find: 'if (offset >= 0)',
    replace: 'if (false)',
  },
  {
    name: 'commits do not say their generation',
    file: `${consumer}/group/standing.js`,
    find: 'return { generationId, memberId, groupInstanceId: this.#parts.groupInstanceId };',
    replace: "return { generationId: -1, memberId: '', groupInstanceId: null };",
  },
  {
    name: 'commits do not wait for the next generation',
    file: `${consumer}/offsets/commits.js`,
    find: 'if (!isPatient ||',
    replace: 'if (true ||',
  },
  {
    name: 'any failed fetch resets the position',
    file: `${consumer}/fetch/fetch-answer.js`,
    find: 'if (code === ErrorCode.OFFSET_OUT_OF_RANGE) {',
    replace: 'if (true) {',
  },
  {
    name: 'lost partitions are kept',
    file: `${consumer}/group/handover.js`,
    find: 'if (member.generationId < 0)\n            await ownership.lose(info());',
    replace:
      'if (member.generationId < 0)\n            for (const one of subscription.assigned) one.isRevoking = false;',
  },
  {
    name: 'leader does not see that a topic grew',
    file: `${consumer}/group/join-loop.js`,
    find: 'return isOther;',
    replace: 'return false;',
  },
  {
    name: 'members that do not poll stay',
    file: `${consumer}/heartbeats/poll-deadline.js`,
    find: 'if (board.claimOverdue(now, maxMs))',
    replace: 'if (false)',
  },
]
