import type { GroupFact, MemberFact, PartitionFact, TopicFact } from '../src/facts/any-broker-facts.js'
import type { Facts } from '../src/facts/facts.js'
import type { PaceFact } from '../src/facts/two-look-facts.js'
import { healthyBroker, healthyPast } from './past.js'
import { day, now } from './times.js'

export { day, hour, minute, now, second } from './times.js'

/** `member('m-1', 'orders:0,1')` subscribes to what it owns, unless `topics` says something else. */
export function member(memberId: string, owns: string, more: Partial<MemberFact> = {}): MemberFact {
  const [topic = '', numbers = ''] = owns.split(':')
  const assignment = numbers === '' ? [] : numbers.split(',').map((number) => ({ topic, partition: Number(number) }))
  const who = { memberId, groupInstanceId: null, clientId: 'worker', clientHost: '/10.0.0.1' }
  return { ...who, software: 'rivven', topics: topic === '' ? [] : [topic], assignment, ...more }
}

export function group(members: readonly MemberFact[], more: Partial<GroupFact> = {}): GroupFact {
  const state = members.length === 0 ? 'Empty' : 'Stable'
  return { groupId: 'g', state, protocolType: 'consumer', protocol: 'range', members, ...more }
}

/** One of `orders`, in which nothing waits. */
export function partition(number: number, more: Partial<PartitionFact> = {}): PartitionFact {
  const offsets = { currentOffset: 1_000, logStartOffset: 0, logEndOffset: 1_000 }
  const rest = { lag: 0, waiting: false, lagSeconds: 0, owner: `m-${number}` }
  return { topic: 'orders', partition: number, ...offsets, ...rest, ...more }
}

/** One in which so many records wait for so many seconds. */
export function waiting(
  number: number,
  lag: number,
  lagSeconds: number,
  more: Partial<PartitionFact> = {},
): PartitionFact {
  return partition(number, { logEndOffset: 1_000 + lag, lag, waiting: true, lagSeconds, ...more })
}

export function pace(number: number, more: Partial<PaceFact> = {}): PaceFact {
  const rates = { consumedPerSecond: 10, producedPerSecond: 10, removedPerSecond: 0 }
  return { topic: 'orders', partition: number, ...rates, status: 'OK', ...more }
}

export function orders(more: Partial<TopicFact> = {}): TopicFact {
  return { topic: 'orders', partitionCount: 3, retentionMs: day, ...more }
}

/** A group in which all is well: three members, three partitions. */
export function healthy(more: Partial<Facts> = {}): Facts {
  const numbers = [0, 1, 2]
  return {
    group: group(numbers.map((number) => member(`m-${number}`, `orders:${number}`))),
    partitions: numbers.map((number) => partition(number)),
    pace: numbers.map((number) => pace(number)),
    topics: [orders()],
    keys: [],
    stateSince: now - day,
    eventLoops: [],
    rebalances: [],
    wait: null,
    ...healthyPast(numbers.map((number) => `m-${number}`)),
    ...more,
  }
}

/** A cluster in which all is well. */
export function healthyCluster(more: Partial<Facts> = {}): Facts {
  return { transactions: [], newest: [], ...healthyBroker, ...more }
}
