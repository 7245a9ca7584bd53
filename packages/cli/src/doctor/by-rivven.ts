import { type Admin, RivvenError } from '@rivven/client'
import { type Diagnosis, type Finding, together } from '@rivven/doctor'
import { nameToPath } from '@rivven/protocol'
import type { Examined } from './examined.js'
import { inParallel } from './in-parallel.js'

/** What a broker of Rivven answers about all groups. */
interface ClusterDiagnosis extends Examined {
  /** Groups that there are. */
  readonly total: number
  /** Brokers that did not answer. */
  readonly missing: readonly number[]
}

/** By what brokers of Rivven know themselves; undefined: they are none, or earlier ones. Without names: all groups. */
export async function diagnoseByRivven(admin: Admin, groupIds: readonly string[]): Promise<Examined | undefined> {
  try {
    return await (groupIds.length === 0 ? ofAll(admin) : ofGroups(admin, groupIds))
  } catch (error) {
    if (error instanceof RivvenError && notThere.includes(error.code)) return undefined
    throw error
  }
}

const notThere = ['UNSUPPORTED_BY_BROKER', 'NOT_FOUND']
/** Of each broker, those that do worst. */
const mostGroups = 1_000

async function ofAll(admin: Admin): Promise<Examined> {
  const { total, missing, ...examined } = (await admin.call(
    'GET',
    `/api/doctor?limit=${mostGroups}`,
  )) as ClusterDiagnosis
  const notAll = examined.groups < total ? [`Of ${total} groups those were looked at that do worst.`] : []
  const silent = missing.map((broker) => `Broker ${broker} did not answer: what it knows is missing.`)
  return { ...examined, words: [...notAll, ...silent] }
}

/** And what of the cluster is about their topics. */
async function ofGroups(admin: Admin, groupIds: readonly string[]): Promise<Examined> {
  const ask = (groupId: string) => admin.call('GET', `/api/groups/${nameToPath(groupId)}/doctor`) as Promise<Diagnosis>
  const ofEach = await inParallel(groupIds, ask)
  const topics = new Set((await inParallel(groupIds, (groupId) => topicsOf(admin, groupId))).flat())
  const { findings } = (await admin.call('GET', '/api/doctor?limit=0')) as ClusterDiagnosis
  const isTheirs = ({ subject }: Finding) => subject.topic !== undefined && topics.has(subject.topic)
  return { ...together([{ findings: findings.filter(isTheirs), notLookedAt: [] }, ...ofEach]), groups: groupIds.length }
}

async function topicsOf(admin: Admin, groupId: string): Promise<string[]> {
  const [group] = await admin.describeGroups([groupId])
  const committed = await admin.listGroupOffsets(groupId)
  return [...group!.members.flatMap(({ topics }) => topics), ...committed.map(({ topic }) => topic)]
}
