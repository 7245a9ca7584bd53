import { Admin } from '@rivven/client'
import { nameOf } from '../history/history.js'
import type { Inspection } from '../history/inspection.js'
import { type Plan, remadeTopics } from '../plan/plan.js'
import { type Stage, sleep } from './actor.js'

/** How often and how long it looks until what it sees is right. */
const looks = 40
const pauseMs = 500

/** Looks at all groups until they are as they should be; returns what was wrong the last time. */
export async function inspect(plan: Plan, stage: Stage, judge: (found: Inspection) => string[]): Promise<string[]> {
  const { life, runtime } = stage.world.begin('inspector')
  const admin = new Admin({ bootstrapServers: stage.doors.bootstrapServers, runtime, clientId: 'inspector' })
  const groups = [...new Set(plan.actors.flatMap((actor) => ('group' in actor ? [actor.group] : [])))]
  const remade = remadeTopics(plan)
  let wrong: string[] = []
  for (let look = 0; look < looks; look++) {
    wrong = []
    for (const group of groups) wrong.push(...judge(await lookAt(admin, group, remade)))
    if (wrong.length === 0) break
    await sleep({ life }, pauseMs)
  }
  await admin.close()
  life.die()
  return wrong
}

async function lookAt(admin: Admin, groupId: string, remade: ReadonlySet<string>): Promise<Inspection> {
  const [group] = await admin.describeGroups([groupId])
  const all = await admin.listGroupOffsets(groupId)
  const committed = all.filter(({ topic }) => !remade.has(topic))
  const owned = group!.members.flatMap(({ assignment }) => assignment).filter(({ topic }) => !remade.has(topic))
  const partitions = new Map([...owned, ...committed].map((one) => [nameOf(one), one]))
  const queries = [...partitions.values()].map(({ topic, partition }) => {
    return { topic, partition, timestamp: 'latest' as const }
  })
  const ends = await admin.listOffsets(queries)
  const offsets = ends.map(({ topic, partition, offset: end }) => {
    const known = committed.find((one) => one.topic === topic && one.partition === partition)
    return { topic, partition, committed: known?.offset ?? -1, end }
  })
  return { group: group!, offsets }
}
