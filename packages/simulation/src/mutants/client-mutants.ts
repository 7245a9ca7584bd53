import type { Mutant } from './mutant.js'

const consumer = 'client/dist/src/consumer'
const producer = 'client/dist/src/producer'

/** Bugs of the client outside of transactions. */
export const clientMutants: readonly Mutant[] = [
  {
    name: 'revoked partition still returned',
    file: `${consumer}/ownership.js`,
    find: 'this.#subscription.replaceAssignment(without(this.partitions, partitions));',
    replace: 'for (const partition of partitions) this.#subscription.mustOwn(partition).isRevoking = false;',
  },
  {
    name: 'eager members keep their partitions while joining',
    file: `${consumer}/handover.js`,
    find: "const isEager = member.protocol === 'eager';",
    replace: 'const isEager = false;',
  },
  {
    name: 'eager fallback without revoke',
    file: `${consumer}/handover.js`,
    find: 'await this.#giveUpAll(isWithheld(assignment), info);',
    replace: 'void isWithheld(assignment);',
  },
  {
    name: 'leader gives away what others hold',
    file: 'groups/dist/src/assignors/sticky.js',
    find: 'partitions.filter((one) => !transferring.has(one))',
    replace: 'partitions',
    also: { file: `${consumer}/claimed-partitions.js`, find: 'if (claims.size === 0)', replace: 'if (true)' },
  },
  {
    name: 'leader never looks after what it left to nobody',
    file: `${consumer}/membership.js`,
    find: 'if (this.#joinLoop.hasLeftOvers)',
    replace: 'if (false)',
  },
  {
    name: 'lost membership is not noticed',
    file: `${consumer}/membership.js`,
    find: "this.#loseGeneration('the group gave it up');",
    replace: '',
  },
  {
    name: 'a rebalance is not noticed',
    file: `${consumer}/membership.js`,
    find: "this.requestRejoin('the group is rebalancing');",
    replace: '',
  },
  {
    name: 'no heartbeats after joining',
    file: `${consumer}/heartbeat-task.js`,
    find: 'this.#loop.start();',
    replace: '',
  },
  {
    name: 'static member leaves when it closes',
    file: `${consumer}/membership.js`,
    find: 'if (groupInstanceId !== null || !isMember)',
    replace: 'if (!isMember)',
  },
  {
    name: 'reading begins one behind the committed offset',
    file: `${consumer}/positions.js`,
    find: 'this.#begin(state, offset, leaderEpoch);',
    replace: 'this.#begin(state, offset + 1, leaderEpoch);',
  },
  {
    name: 'fetched records are skipped',
    file: `${consumer}/fetch-answer.js`,
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
]
