import type { HistoryFacts, ReadFact, SignsFact } from '@rivven/doctor'
import { assignedPartitions, type Group, lastOf, type Member } from '@rivven/groups'
import type { Clock } from '@rivven/runtime'
import type { Catalog } from '../catalog/catalog.js'
import type { GroupHistory } from '../coordinator/history/group-history.js'
import type { Readers, Reading, ReadPartition } from '../fetch/readers.js'
import type { GroupLag } from '../lag/group-lag.js'
import type { Logs } from '../log/logs.js'

export interface MemberSources {
  readonly clock: Clock
  readonly catalog: Pick<Catalog, 'topic'>
  readonly logs: Pick<Logs, 'opened'>
  readonly readers: Readers
  readonly lag: Pick<GroupLag, 'readElsewhere'>
}

const dayMs = 86_400_000

/** What members of a group have shown of themselves, by heartbeats, commits and fetches. */
export function howMembersDo(
  group: Group,
  history: GroupHistory | undefined,
  sources: MemberSources,
  isShown: (topic: string) => boolean,
): Required<Pick<HistoryFacts, 'signs' | 'reads'>> {
  const members = [...group.members.values()]
  return {
    signs: members.map((member) => signsOf(member, history, sources.clock)),
    reads: members.flatMap((member) => readsOf(group, member, sources, isShown)),
  }
}

function signsOf(member: Member, history: GroupHistory | undefined, clock: Clock): SignsFact {
  const { memberId, groupInstanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs } = member
  const pulse = history?.pulseOf(memberId)
  const now = clock.monotonic()
  return {
    ...{ memberId, groupInstanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs },
    assignors: member.protocols.map(({ name }) => name),
    lastHeardAt: wallOf(lastOf(member).heardAt, clock),
    heartbeatGapMs: pulse?.gapMs ?? null,
    commitsPerSecond: pulse?.commitsPerSecond(now) ?? 0,
    lastCommitAt: wallOf(pulse?.lastCommitAt ?? null, clock),
    since: wallOf(pulse?.since ?? null, clock),
  }
}

function readsOf(
  group: Group,
  member: Member,
  sources: MemberSources,
  isShown: (topic: string) => boolean,
): ReadFact[] {
  return ownedBy(group.protocolType, member).flatMap(({ topic, partitions }) => {
    const topicId = sources.catalog.topic(topic)?.id
    if (topicId === undefined || !isShown(topic)) return []
    return partitions.flatMap((partition): ReadFact[] => {
      const read = readOf(group, member, { topic, topicId, partition }, sources)
      return read ? [{ memberId: member.memberId, topic, partition, ...read }] : []
    })
  })
}

type Read = Omit<ReadFact, 'memberId' | 'topic' | 'partition'>

/** Undefined: it is led elsewhere, and nobody there has said. */
function readOf(group: Group, member: Member, place: ReadPartition, sources: MemberSources): Read | undefined {
  const { clock, logs, readers, lag } = sources
  const log = logs.opened(place.topic, place.partition)
  if (!log) {
    const read = lag.readElsewhere(group, place.topic, place.partition)
    return read ? readFact({ ...read, at: clock.monotonic() - read.agoMs }, read.aborted, clock) : undefined
  }
  const aborted = log.isReadable ? log.abortedSince(clock.now() - dayMs) : 0
  return readFact(readers.lastOf(member, place), aborted, clock)
}

function readFact(reading: Omit<Reading, 'reader'> | undefined, aborted: number, clock: Clock): Read {
  const hasAnswer = reading !== undefined && reading.mostBytes > 0
  return {
    lastFetchAt: wallOf(reading?.at ?? null, clock),
    position: reading?.fetchOffset ?? null,
    isolation: reading ? (reading.isCommitted ? 'read_committed' : 'read_uncommitted') : null,
    answerBytes: hasAnswer ? reading.bytes : null,
    mostBytes: hasAnswer ? reading.mostBytes : null,
    aborted,
  }
}

function ownedBy(protocolType: string | null, { assignment }: Member) {
  return protocolType === 'consumer' ? (assignedPartitions(assignment) ?? []) : []
}

function wallOf(monotonic: number | null, clock: Clock): number | null {
  return monotonic === null ? null : Math.round(clock.now() + monotonic - clock.monotonic())
}
