import type { Facts, GroupFact, MemberFact, PaceFact, PartitionFact, TopicFact } from '@rivven/doctor'
import { firstExpiry, type Group, waitOf } from '@rivven/groups'
import type { Catalog, Topic } from '../catalog/catalog.js'
import { topicsOf } from '../coordinator/groups/member-topics.js'
import type { BrokerServices } from '../handlers/handler.js'
import type { LagRow } from '../lag/lag-row.js'
import type { LagSampler } from '../lag/lag-sampler.js'
import { ownersOf } from '../lag/owners.js'
import type { BrokerWatch } from './broker-watch.js'
import { historyOf } from './history-of.js'
import { howMembersDo } from './how-members-do.js'
import { toldByClients } from './told-by-clients.js'

export type FactSources = Pick<
  BrokerServices,
  'catalog' | 'clientTelemetry' | 'config' | 'coordinator' | 'flightRecorder' | 'lag' | 'logs' | 'readers' | 'runtime'
> & { readonly brokerWatch: BrokerWatch }

const dayMs = 86_400_000
const minuteMs = 60_000

/** All that its coordinator knows of a group; topics that are not `isShown` are left out. */
export async function factsOf(group: Group, sources: FactSources, isShown: (topic: string) => boolean): Promise<Facts> {
  const { coordinator, lag, catalog, runtime, brokerWatch } = sources
  const { clock } = runtime
  const history = coordinator.histories.of(group)
  const rows = await lag.rowsOf(group, isShown, { asksReads: true })
  const isSampled = lag.sampler.sampleOf(group) !== undefined
  const groupFact = groupOf(group, sources, isShown)
  const loop = brokerWatch.loop()
  return {
    group: groupFact,
    partitions: rows.map(partitionOf),
    topics: topicsIn(groupFact, rows, catalog, isShown),
    ...(isSampled && { pace: rows.map((row) => paceOf(row, lag.sampler)) }),
    // One that never had members has no time of its own.
    stateSince: group.stateTimestamp > 0 ? group.stateTimestamp : clock.now(),
    rebalances: rebalancesOf(group, sources),
    wait: waitOf(group, { wall: clock.now(), monotonic: clock.monotonic() }),
    ...historyOf(history, clock),
    ...howMembersDo(group, history, { ...sources, clock }, isShown),
    ...toldByClients(group, sources.clientTelemetry),
    expiry: expiryOf(group, sources),
    ...(loop && { loop }),
  }
}

function groupOf(group: Group, { coordinator }: FactSources, isShown: (topic: string) => boolean): GroupFact {
  const { groupId, state, protocolType, protocolName } = group
  const owned = ownedPlaces(group)
  const history = coordinator.histories.of(group)
  const members = Array.from(group.members.values(), (member): MemberFact => {
    const { memberId, groupInstanceId, clientId, clientHost } = member
    const software = history?.pulseOf(memberId)?.software
    return {
      ...{ memberId, groupInstanceId, clientId, clientHost },
      topics: (topicsOf(group, member) ?? []).filter(isShown),
      assignment: (owned.get(memberId) ?? []).filter(({ topic }) => isShown(topic)),
      ...(software !== undefined && { software }),
    }
  })
  return { groupId, state, protocolType: protocolType ?? '', protocol: protocolName ?? '', members }
}

function ownedPlaces(group: Group): Map<string, { topic: string; partition: number }[]> {
  const owned = new Map<string, { topic: string; partition: number }[]>()
  for (const [topic, partitions] of ownersOf(group)) {
    for (const [partition, { memberId }] of partitions) {
      const places = owned.get(memberId) ?? []
      owned.set(memberId, places)
      places.push({ topic, partition })
    }
  }
  return owned
}

function partitionOf(row: LagRow): PartitionFact {
  const { topic, partition, currentOffset, logStartOffset, logEndOffset, lag, waiting, lagSeconds, owner } = row
  return { topic, partition, currentOffset, logStartOffset, logEndOffset, lag, waiting, lagSeconds, owner }
}

function paceOf(row: LagRow, sampler: Pick<LagSampler, 'removedPerSecond'>): PaceFact {
  const { topic, partition, consumedPerSecond, producedPerSecond, status } = row
  const removedPerSecond = sampler.removedPerSecond(topic, partition)
  return { topic, partition, consumedPerSecond, producedPerSecond, removedPerSecond, status }
}

function topicsIn(
  { members }: GroupFact,
  rows: readonly LagRow[],
  catalog: Pick<Catalog, 'topic'>,
  isShown: (topic: string) => boolean,
): TopicFact[] {
  const names = new Set([...rows.map(({ topic }) => topic), ...members.flatMap(({ topics }) => topics)])
  return [...names].flatMap((name) => {
    const topic = isShown(name) ? catalog.topic(name) : undefined
    return topic ? [topicOf(topic)] : []
  })
}

function topicOf({ name, partitionCount, logConfig }: Topic): TopicFact {
  const isKept = !logConfig.cleanupPolicy.delete || logConfig.retentionMs < 0
  return { topic: name, partitionCount, retentionMs: isKept ? null : logConfig.retentionMs }
}

function rebalancesOf({ groupId }: Group, { flightRecorder, runtime }: FactSources): Facts['rebalances'] {
  const from = runtime.clock.now() - dayMs
  return flightRecorder.storiesOf(groupId).filter(({ endedAt }) => endedAt >= from)
}

function expiryOf(group: Group, { config }: FactSources): NonNullable<Facts['expiry']> | null {
  const retentionMs = config.offsets_retention_minutes * minuteMs
  const firstAt = firstExpiry(group, retentionMs)
  return firstAt === null ? null : { firstAt, retentionMs }
}
