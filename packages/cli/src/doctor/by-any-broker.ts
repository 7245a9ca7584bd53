import type { Admin, TopicPartition } from '@rivven/client'
import { type Diagnosis, hotPartitions, together } from '@rivven/doctor'
import type { CommandContext } from '../context.js'
import type { Examined } from './examined.js'
import { Gathered } from './facts/gathered.js'
import { keySamples } from './facts/key-samples.js'
import { newestRecords } from './facts/newest-records.js'
import { openTransactions } from './facts/open-transactions.js'
import { TopicFacts } from './facts/topic-facts.js'
import { lookOnce, lookTwice, type SeenGroup } from './facts/two-looks.js'
import { inParallel } from './in-parallel.js'

export interface Looking {
  /** Once, not twice. */
  readonly quick: boolean
  /** Whether keys of records are named. */
  readonly showKeys: boolean
}

/** By what any broker that speaks Kafka's protocol tells. Without names: all groups. */
export async function diagnoseByAnyBroker(
  context: CommandContext,
  names: readonly string[],
  looking: Looking,
): Promise<Examined> {
  const admin = await context.admin()
  const isAll = names.length === 0
  const groupIds = isAll ? (await admin.listGroups()).map(({ groupId }) => groupId) : names
  const seen = await (looking.quick ? lookOnce : lookTwice)(context, groupIds)
  const topics = new TopicFacts(admin)
  const ofGroups = await inParallel(seen, (group) => diagnoseGroup(context, group, { ...looking, topics }))
  return { ...together([await diagnoseCluster(context, seen, isAll), ...ofGroups]), groups: groupIds.length }
}

async function diagnoseGroup(
  context: CommandContext,
  { look: { group, partitions }, pace, stateSince }: SeenGroup,
  { showKeys, topics }: Looking & { topics: TopicFacts },
): Promise<Diagnosis> {
  const gathered = new Gathered({ group, partitions, pace, stateSince })
  const names = new Set([...group.members.flatMap((member) => member.topics), ...partitions.map(({ topic }) => topic)])
  await gathered.add('topics', () => topics.of(names))
  if (pace) await gathered.add('keys', () => keySamples(context, hotPartitions(gathered.facts), showKeys))
  return gathered.diagnosis(context.runtime.clock.now())
}

async function diagnoseCluster(
  context: CommandContext,
  seen: readonly SeenGroup[],
  /** All topics are looked at, not only those of these groups. */
  isAll: boolean,
): Promise<Diagnosis> {
  const admin = await context.admin()
  const looks = seen.map(({ look }) => look)
  const topics = new Set(looks.flatMap(({ partitions }) => partitions.map(({ topic }) => topic)))
  const places = await partitionsOf(admin, (topic, isInternal) => (isAll ? !isInternal : topics.has(topic)))
  const gathered = new Gathered({})
  await gathered.add('transactions', () => openTransactions(admin, places, looks))
  await gathered.add('newest', () => newestRecords(admin, places))
  return gathered.diagnosis(context.runtime.clock.now())
}

async function partitionsOf(
  admin: Admin,
  isWanted: (topic: string, isInternal: boolean) => boolean,
): Promise<TopicPartition[]> {
  const topics = (await admin.listTopics()).filter(({ name, isInternal }) => isWanted(name, isInternal))
  return topics.flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })))
}
