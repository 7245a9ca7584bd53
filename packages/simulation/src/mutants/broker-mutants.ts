import type { Mutant } from './mutant.js'

const coordinator = 'broker/dist/src/coordinator'
const log = 'broker/dist/src/log'

/** Bugs of the broker around its rules: durability, sequences, recovery. */
export const brokerMutants: readonly Mutant[] = [
  {
    name: 'commit answered before it is durable',
    file: `${coordinator}/shards/record-writer.js`,
    find: 'if (this.#gathering.records.length > 0)\n            this.#gathering.replies.push({ request, response });\n        else if (this.#inFlight)\n            this.#inFlight.replies.push({ request, response });\n        else\n            request.answer(response);',
    replace: 'request.answer(response);',
  },
  {
    name: 'commit written without waiting for the disk',
    file: `${coordinator}/shards/record-writer.js`,
    find: 'acks: -1,',
    replace: 'acks: 1,',
  },
  {
    name: 'failed append of a commit counts as done',
    file: `${coordinator}/shards/record-writer.js`,
    find: 'if (errorCode !== ErrorCode.NONE)\n                return this.#fail(batch, errorCode);',
    replace: '',
  },
  {
    name: 'coordinator serves before it has loaded',
    file: `${coordinator}/shards/shard-host.js`,
    find: 'this.#unavailable = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;\n        this.#startOver();',
    replace: 'this.#unavailable = ErrorCode.NONE;\n        this.#startOver();',
  },
  {
    name: 'acknowledged before it is durable',
    file: `${log}/append/append-answers.js`,
    find: 'const waiting = acks === -1 ? this.forSync : this.forWrite;',
    replace: 'const waiting = this.forWrite;',
    jepsen: true,
  },
  {
    name: 'readers see what is not durable',
    file: `${log}/visible-end.js`,
    find: 'return first === undefined ? this.writtenOffset : Math.min(first.from, this.writtenOffset);',
    replace: 'return this.writtenOffset;',
  },
  {
    name: 'failed sync counts as done',
    file: `${log}/append/append-answers.js`,
    find: 'waiter.resolve(instead ?? waiter.result);',
    replace: 'waiter.resolve(waiter.result);',
    jepsen: true,
  },
  {
    name: 'repeated batches are written again',
    file: `${log}/state/producer-states.js`,
    find: 'return repeatedBatch(state, batch) ?? checkSequence(state, batch);',
    replace: 'return ErrorCode.NONE;',
    jepsen: true,
  },
  {
    name: 'gaps in a sequence are taken',
    file: `${log}/state/producer-states.js`,
    find: 'if (batchBaseSequence(batch) !== expected)',
    replace: 'if (batchBaseSequence(batch) < expected)',
  },
  {
    name: 'sequences lost at a restart',
    file: `${log}/stored-log.js`,
    find: 'this.state.restore(bytes);',
    replace: 'this.state.restore(undefined);',
    jepsen: true,
  },
  {
    name: 'sequences of the tail are not read again',
    file: `${log}/stored-log.js`,
    find: 'this.state.replay(batch);',
    replace: 'void batch;',
  },
  {
    name: 'high watermark one too high',
    file: `${log}/stored-log.js`,
    find: 'return this.visible.offset;',
    replace: 'return this.visible.offset + (this.visible.offset > 0 ? 1 : 0);',
  },
  {
    name: 'compaction keeps the first record of a key',
    file: `${log}/cleaning/key-offsets.js`,
    find: 'this.offsets.set(name, record.offset);',
    replace: 'if (!this.offsets.has(name)) this.offsets.set(name, record.offset);',
    also: {
      file: `${log}/cleaning/key-offsets.js`,
      find: '?? -1) > record.offset',
      replace: '?? -1) !== record.offset',
    },
  },
  {
    name: 'compaction does not wait for open transactions',
    file: `${log}/cleaning/compaction-plan.js`,
    find: 'nextOffset > stableOffset ||',
    replace: '',
  },
  {
    name: 'records of aborted transactions make earlier ones go',
    file: `${log}/cleaning/compaction.js`,
    find: 'if (batchIsControl(batch) || this.isAborted(batch))',
    replace: 'if (batchIsControl(batch))',
  },
  {
    name: 'markers are compacted away before their records',
    file: `${log}/cleaning/compaction.js`,
    find: 'return { keepsEmpty, keeps: () => true };',
    replace: 'return { keepsEmpty, keeps: () => false };',
  },
  {
    name: 'a compacted segment takes its place before it is durable',
    file: 'broker/dist/src/storage/files/segment-rewrite.js',
    find: 'await context.files.use(segment.handle, (file) => file.sync());',
    replace: '',
  },
  {
    name: 'deleted records are back after a restart',
    file: `${log}/stored-log.js`,
    find: 'if (this.checkpointed.startOffset < start)',
    replace: 'if (false)',
  },
  {
    name: 'one record too many is deleted',
    file: `${log}/stored-log.js`,
    find: 'this.advanceStart(Math.min(offset, this.highWatermark))',
    replace: 'this.advanceStart(Math.min(offset + 1, this.highWatermark))',
  },
]
