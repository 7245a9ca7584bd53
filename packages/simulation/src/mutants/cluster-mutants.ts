import type { Mutant } from './mutant.js'

const broker = 'broker/dist/src'
const memory = `${broker}/database/memory`
const storage = `${broker}/storage/shared`
const members = `${broker}/cluster/shared/members`
const leading = `${broker}/cluster/shared/leading`
const transactions = `${broker}/coordinator/transactions`

/** Bugs of what several brokers share. Those of the model of the database stand for conditions that a statement of SQL forgets. */
export const clusterMutants: readonly Mutant[] = [
  {
    name: 'append without the epoch',
    file: `${memory}/log-statements.js`,
    find: 'const standing = parts.filter(({ term }) => this.#stands(term));',
    replace: 'const standing = parts;',
  },
  {
    name: 'epochs do not rise with a new leader',
    file: `${memory}/member-statements.js`,
    find: '#give(partition, { brokerId, incarnation }, changed, rise = 1) {',
    replace: '#give(partition, { brokerId, incarnation }, changed, rise = 0) {',
  },
  {
    name: 'ids of producers twice',
    file: `${memory}/tables.js`,
    find: '[kind]: first + count',
    replace: "[kind]: kind === 'producer' ? first : first + count",
  },
  {
    name: 'acknowledged before the database has confirmed it',
    file: `${storage}/lane.js`,
    find: 'const taken = await this.#outcome(sent);',
    replace: 'const taken = new Set(owners.map(({ term }) => term.partId)); void this.#outcome(sent);',
  },
  {
    name: 'an append with unknown outcome counts as done',
    file: `${storage}/lane.js`,
    find: 'await untilNextTry(clock, error);',
    replace: 'return new Set(flush.parts.map(({ term }) => term.partId));',
  },
  {
    name: 'an append with unknown outcome counts as not done',
    file: `${storage}/lane.js`,
    find: 'await untilNextTry(clock, error);',
    replace: 'return NONE;',
  },
  {
    name: 'what a repeated append took is not looked up',
    file: `${storage}/lane.js`,
    find: "return answer === 'repeated' ? tables.stored(flush) : answer;",
    replace: "return answer === 'repeated' ? NONE : answer;",
  },
  {
    name: 'what is not stored yet is read',
    file: `${storage}/shared-store.js`,
    find: 'this.#lane.add(this.#outgoing);',
    replace:
      'this.#lane.add(this.#outgoing); this.#owner.durable(this.endOffset); this.#owner.written(this.endOffset);',
  },
  {
    name: 'a checkpoint comes before what it speaks of',
    file: `${storage}/shared-store.js`,
    find: 'await this.#stored.until(offset);',
    replace: '',
  },
  {
    name: 'producers are not read behind the checkpoint',
    file: `${storage}/load-partition.js`,
    find: 'owner.replay(head);',
    replace: '',
  },
  {
    name: 'a log ends where its last checkpoint was',
    file: `${storage}/load-partition.js`,
    find: 'segment.note(head, size);',
    replace: '',
  },
  {
    name: 'reads after the lease',
    file: `${members}/membership.js`,
    find: 'return this.#life !== undefined && this.#options.clock.monotonic() < this.#life.until;',
    replace: 'return this.#life !== undefined;',
    also: {
      file: `${members}/membership.js`,
      find: 'life.until - clock.monotonic()',
      replace: '60_000',
    },
  },
  {
    name: 'buried on the lock alone',
    file: `${members}/death-watch.js`,
    find: 'if (!(await this.#refuses(broker)) || !this.#isHere(broker))',
    replace: 'if (!this.#isHere(broker))',
  },
  {
    name: 'a term is opened twice',
    file: `${leading}/leadership.js`,
    find: 'else if (wanted && partition.hasOpened(wanted)) {',
    replace: 'else if (false) {',
  },
  {
    name: 'a log stays open when its partition goes',
    file: `${broker}/cluster/led-partitions.js`,
    find: 'await Promise.all([logs.lose(topic, partition), listeners.get(topic)?.lose(partition)]);',
    replace: 'await listeners.get(topic)?.lose(partition);',
  },
  {
    name: 'a coordinator goes on without its partition',
    file: `${broker}/coordinator/shards/shard-hosts.js`,
    find: 'await host?.unload();',
    replace: 'if (host) this.#hosts.set(partition, host);',
  },
  {
    name: 'coordinators are looked for one partition further',
    file: `${broker}/handlers/brokers/find-coordinator.js`,
    find: 'partitionForGroup(key, count)',
    replace: '(partitionForGroup(key, count) + 1) % count',
  },
  {
    name: 'nobody gives away for the sake of balance',
    file: `${leading}/rebalancer.js`,
    find: 'const leftMs = this.#balanceAt - clock.monotonic();',
    replace: 'const leftMs = 60_000;',
  },
  {
    name: 'coordinators stay where they are',
    file: `${leading}/rebalancer.js`,
    find: 'const moves = movesFrom(membership.me.brokerId, this.plan);',
    replace:
      'const ofCoordinators = this.#internal(); const moves = movesFrom(membership.me.brokerId, this.plan).filter(({ partId }) => !ofCoordinators.has(partId));',
  },
  {
    name: 'the coordinator elsewhere is not asked',
    file: `${transactions}/peer-questions.js`,
    find: 'return refusals.has(errorCode) ? ErrorCode.NETWORK_EXCEPTION : errorCode;',
    replace: 'return ErrorCode.NONE;',
  },
]
