import type { Aim, Snapshot, WantedOffset } from '@rivven/groups'
import { ZERO_UUID } from '@rivven/protocol'
import type { PartitionPlace } from '../../cluster/peers/offset-questions.js'
import type { BrokerServices } from '../../handlers/handler.js'
import type { Caller } from '../../handlers/rights/denial.js'
import { partitionKey } from '../../partition-key.js'
import { Problem } from '../problem.js'
import { denied } from '../rights.js'
import { PartitionLimits } from './partition-limits.js'
import { type GivenTopic, misfitOf, type ResetBody } from './reset-body.js'

type Services = Pick<BrokerServices, 'catalog' | 'cluster' | 'coordinator' | 'partitions' | 'peers' | 'runtime'>

export interface Asked {
  readonly services: Services
  readonly caller: Caller
  readonly groupId: string
  readonly body: ResetBody
}

export interface Wanted {
  readonly wanted: readonly WantedOffset[]
  readonly limits: PartitionLimits
  /** Of the snapshot that it is a return to. */
  readonly undoes: number | null
}

/** What is to become of which partitions, as far as that can be said before it is done. */
export async function wantedOffsets(asked: Asked): Promise<Wanted | Problem> {
  const misfit = misfitOf(asked.body)
  if (misfit) return misfit
  const snapshot = asked.body.to === 'snapshot' ? await snapshotOf(asked) : null
  if (snapshot instanceof Problem) return snapshot
  const places = snapshot ? aimsOfSnapshot(snapshot, asked) : await placesOf(asked)
  if (places instanceof Problem) return places
  const fault = faultOf(places, asked)
  if (fault) return fault
  const limits = new PartitionLimits(asked.services, places.filter(exists))
  await limits.learn()
  const { unknown } = limits
  if (unknown)
    return new Problem('LEADER_NOT_AVAILABLE', `Nobody tells what ${unknown.topic}/${unknown.partition} holds.`)
  const since = asked.body.to === 'time' ? await limits.since(asked.body.time ?? 0) : undefined
  const wanted = places.map(({ topic, partition, aim }) => ({
    ...{ topic, partition, topicId: asked.services.catalog.topic(topic)?.id ?? ZERO_UUID },
    aim: aim ?? aimOf(asked.body, since?.get(partitionKey(topic, partition))),
  }))
  return { wanted, limits, undoes: snapshot?.id ?? null }
}

interface AimedPlace extends PartitionPlace {
  /** Undefined: what the body says of all. */
  readonly aim?: Aim
}

function exists({ aim }: AimedPlace): boolean {
  return aim?.kind !== 'stay'
}

function aimOf({ to, offset = 0, shift = 0 }: ResetBody, since: number | undefined): Aim {
  switch (to) {
    case 'offset':
      return { kind: 'offset', offset }
    case 'shift':
      return { kind: 'shift', by: shift }
    case 'time':
      return since === undefined
        ? { kind: 'latest', note: 'no record since then: latest' }
        : { kind: 'offset', offset: since }
    case 'earliest':
    case 'latest':
      return { kind: to }
    default:
      return { kind: 'current' }
  }
}

async function snapshotOf({ services, groupId, body }: Asked): Promise<Snapshot | Problem> {
  const found = await services.coordinator.snapshotsOf(groupId, () => undefined)
  if (!found) return new Problem('LOADING', `The group ${groupId} is being loaded.`)
  const { snapshot: id } = body
  const snapshot = id === undefined ? found.at(-1) : found.find((one) => one.id === id)
  if (snapshot) return snapshot
  const which = id === undefined ? 'no snapshot' : `no snapshot ${id}`
  return new Problem('SNAPSHOT_NOT_FOUND', `There is ${which} of the group ${groupId}.`)
}

/** Back to what was before. What was in a topic that is gone stays gone. */
function aimsOfSnapshot({ changes }: Snapshot, { services }: Asked): AimedPlace[] {
  return changes.map(({ topic, partition, oldOffset }) => {
    const count = services.catalog.topic(topic)?.partitionCount ?? 0
    if (partition >= count)
      return { topic, partition, aim: { kind: 'stay', note: 'there is no such partition any more' } }
    const aim: Aim = oldOffset === null ? { kind: 'forget' } : { kind: 'offset', offset: oldOffset }
    return { topic, partition, aim }
  })
}

function placesOf(asked: Asked): AimedPlace[] | Problem | Promise<AimedPlace[] | Problem> {
  const { to, offsets, topics } = asked.body
  if (to === 'offsets') return offsetsGiven(offsets ?? [])
  return topics ? partitionsOf(topics, asked) : committedPlaces(asked)
}

function offsetsGiven(offsets: NonNullable<ResetBody['offsets']>): AimedPlace[] {
  return offsets.map(({ topic, partition, offset }) => {
    const aim: Aim = offset === null ? { kind: 'forget' } : { kind: 'offset', offset }
    return { topic, partition, aim }
  })
}

function partitionsOf(topics: readonly GivenTopic[], { services }: Asked): AimedPlace[] {
  return topics.flatMap(({ topic, partitions }) => {
    const count = services.catalog.topic(topic)?.partitionCount ?? 1
    const numbers = partitions ?? Array.from({ length: count }, (_, index) => index)
    return numbers.map((partition) => ({ topic, partition }))
  })
}

/** Wherever the group has committed, but for topics that are gone. */
async function committedPlaces({ services, groupId }: Asked): Promise<AimedPlace[] | Problem> {
  const { catalog, coordinator } = services
  const loading = () => new Problem('LOADING', `The group ${groupId} is being loaded.`)
  const found = await coordinator.look<AimedPlace[] | Problem>(
    groupId,
    (group) => {
      if (!group) return new Problem('GROUP_NOT_FOUND', `There is no group ${groupId}.`)
      const places: AimedPlace[] = []
      for (const [topic, partitions] of group.offsets.committed) {
        const count = catalog.topic(topic)?.partitionCount ?? 0
        for (const partition of partitions.keys()) if (partition < count) places.push({ topic, partition })
      }
      return places
    },
    loading,
  )
  if (found instanceof Problem || found.length > 0) return found
  return new Problem('INVALID_PARAMETER', `The group ${groupId} has no offsets: name topics.`, { parameter: 'topics' })
}

/** Why these partitions cannot be reset by this caller. */
function faultOf(places: readonly AimedPlace[], { services, caller }: Asked): Problem | undefined {
  const seen = new Set<string>()
  const topics = new Set<string>()
  for (const place of places) {
    const { topic, partition } = place
    const fault = topics.has(topic) ? undefined : denied(caller, 'READ', 'TOPIC', topic)
    if (fault) return fault
    topics.add(topic)
    const key = partitionKey(topic, partition)
    if (seen.has(key)) return new Problem('INVALID_PARAMETER', `${topic}/${partition} is there twice.`)
    seen.add(key)
    if (!exists(place)) continue
    const known = services.catalog.topic(topic)
    if (!known) return new Problem('TOPIC_NOT_FOUND', `There is no topic ${topic}.`)
    if (partition >= known.partitionCount)
      return new Problem('PARTITION_NOT_FOUND', `${topic} has ${known.partitionCount} partitions, and no ${partition}.`)
  }
  return places.length > 0 ? undefined : new Problem('INVALID_PARAMETER', 'This names no partition.')
}
