import type { Mutant } from './mutant.js'

const transactions = 'transactions/dist/src'
const log = 'broker/dist/src/log'

/** Bugs of transactions: coordinator, log, offsets that go with them, and the client's part. */
export const transactionMutants: readonly Mutant[] = [
  {
    name: 'epoch not bumped by a new producer',
    file: `${transactions}/init-producer-id.js`,
    find: 'return { producerId, producerEpoch: producerEpoch + 1, lastProducerEpoch: rememberedEpoch };',
    replace: 'return { producerId, producerEpoch: Math.max(producerEpoch, 0), lastProducerEpoch: rememberedEpoch };',
  },
  {
    name: 'new producer does not abort what is open',
    file: `${transactions}/init-producer-id.js`,
    find: "if (before.state === 'Ongoing')\n        return abortFirst(shard, call, before);",
    replace: '',
  },
  {
    name: 'late EndTxn accepted into a later transaction',
    file: `${transactions}/end-transaction.js`,
    find: 'if (before.producerEpoch !== producerEpoch || isPrepared(before))\n        return ErrorCode.PRODUCER_FENCED;',
    replace: '',
    jepsen: true,
  },
  {
    name: 'epoch not bumped by an end',
    file: `${transactions}/end-transaction.js`,
    find: 'const ending = { committed, nextProducerId, clientTransactionVersion, raisesEpoch: isNew };',
    replace: 'const ending = { committed, nextProducerId, clientTransactionVersion, raisesEpoch: false };',
    jepsen: true,
  },
  {
    name: 'partitions of other epochs are added',
    file: `${transactions}/add-partitions.js`,
    find: 'return transaction.producerEpoch === producerEpoch ? transaction : fencedCode(apiVersion, 2);',
    replace: 'return transaction;',
  },
  {
    name: 'transactions never time out',
    file: `${transactions}/lifecycle.js`,
    find: 'if (deadline > now.monotonic)\n        return { ...noDecision, deadline };',
    replace: 'if (deadline > 0) return noDecision;',
  },
  {
    name: 'timed-out transactions are committed',
    file: `${transactions}/lifecycle.js`,
    find: 'turn.store(prepared(transaction, ending, now.wall));',
    replace: 'turn.store(prepared(transaction, { ...ending, committed: true }, now.wall));',
  },
  {
    name: 'markers are not asked for again after a restart',
    file: `${transactions}/lifecycle.js`,
    find: 'turn.resume(transaction);',
    replace: 'continue;',
  },
  {
    name: 'open transactions have no deadline after a restart',
    file: `${transactions}/lifecycle.js`,
    find: 'shard.deadlines.set(transactionalId, now.monotonic + leftOf(transaction, now));',
    replace: 'void leftOf;',
  },
  {
    name: 'complete before all markers are written',
    file: `${transactions}/markers.js`,
    find: 'if (!unmarked.isEmpty)\n        return noDecision;',
    replace: '',
  },
  {
    name: 'aborts are forgotten as commits',
    file: `${transactions}/transitions.js`,
    find: "state: committed ? 'PrepareCommit' : 'PrepareAbort',",
    replace: "state: 'PrepareCommit',",
    jepsen: true,
  },
  {
    name: 'readers of committed records see open transactions',
    file: `${log}/read-log.js`,
    find: "return isolation === 'committed' ? log.lastStableOffset : log.highWatermark;",
    replace: 'return log.highWatermark;',
    jepsen: true,
  },
  {
    name: 'last stable offset one too high',
    file: `${log}/state/partition-state.js`,
    find: 'let stable = Math.min(this.producers.firstOpenOffset ?? highWatermark, highWatermark);',
    replace: 'let stable = Math.min((this.producers.firstOpenOffset ?? highWatermark) + 1, highWatermark);',
    jepsen: true,
  },
  {
    name: 'aborted transactions are not listed',
    file: `${log}/state/partition-state.js`,
    find: 'if (!isAborted)\n            return;',
    replace: 'return;',
    jepsen: true,
  },
  {
    name: 'aborted index lost at a restart',
    file: `${log}/state/partition-state.js`,
    find: 'for (const entry of state.aborted)\n            this.aborted.add(entry);',
    replace: '',
  },
  {
    name: 'open transactions lost at a restart',
    file: `${log}/state/producer-states.js`,
    find: 'this.producers.set(producerId, state);\n        if',
    replace: 'this.producers.set(producerId, { ...state, transactionFirstOffset: NO_OFFSET });\n        if (false) if',
  },
  {
    name: 'overlapping aborted transactions are left out',
    file: `${log}/state/aborted-transactions.js`,
    find: 'if (firstOffset < toOffset)\n                found.push({ producerId, firstOffset });',
    replace:
      'if (firstOffset >= fromOffset && firstOffset < toOffset)\n                found.push({ producerId, firstOffset });',
  },
  {
    name: 'batches are taken without an open transaction',
    file: 'broker/dist/src/coordinator/transactions/transaction-gate.js',
    find: 'if (producerId < 0 || !isChecked)',
    replace: 'if (true)',
    jepsen: true,
  },
  {
    name: 'offsets of aborted transactions count',
    file: 'groups/dist/src/offsets/group-offsets.js',
    find: 'if (!committed)\n            return;',
    replace: '',
  },
  {
    name: 'offsets of transactions count before their commit',
    file: 'groups/dist/src/offsets/group-offsets.js',
    find: 'put(offsets, topic, partition, { offset, order: ++this.#lastOrder, isOutdated: false });',
    replace:
      'put(offsets, topic, partition, { offset, order: ++this.#lastOrder, isOutdated: false }); put(this.committed, topic, partition, offset);',
  },
  {
    name: 'pending offsets do not make a partition unstable',
    file: 'groups/dist/src/offsets/group-offsets.js',
    find: 'if (offsets.get(topic)?.has(partition))\n                return true;',
    replace: '',
  },
  {
    name: 'offsets of old generations go with a transaction',
    file: 'groups/dist/src/offsets/commit-in-transaction.js',
    find: 'return generationId === group.generation ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;',
    replace: 'return ErrorCode.NONE;',
  },
  {
    name: 'reader ignores the list of aborted transactions',
    file: 'protocol/dist/src/records/aborted-filter.js',
    find: 'return this.#aborting.has(producerId);',
    replace: 'return false;',
  },
  {
    name: 'commit does not wait for records',
    file: 'client/dist/src/producer/transactions/transaction-session.js',
    find: 'await Promise.race([all, open.failed]);',
    replace: 'void all.catch(() => undefined);',
  },
  {
    name: 'abort forgets what is in flight',
    file: 'client/dist/src/producer/transactions/transaction-session.js',
    find: "await this.#producer.discard(new RivvenError('ABORTED', text));",
    replace: '',
  },
]
