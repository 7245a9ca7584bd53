import { type Diagnosis, type Finding, type GroupFact, type Place, together } from '@rivven/doctor'
import type { CommandContext } from '../context.js'
import type { Examined } from './examined.js'
import { Gathered } from './facts/gathered.js'
import { keySamples } from './facts/key-samples.js'

const check = 'hot-key'

/** Brokers read no records for a diagnosis: whoever asks may, with the rights that they have, where partitions are hot. */
export async function withKeys(context: CommandContext, examined: Examined, showKeys: boolean): Promise<Examined> {
  if (examined.notLookedAt.some((each) => each.check === 'hot-partition')) return examined
  const ofGroups: Diagnosis[] = []
  for (const [groupId, places] of hotPlaces(examined.findings)) {
    const gathered = new Gathered({ group: nameOf(groupId) })
    await gathered.add('keys', () => keySamples(context, places, showKeys))
    ofGroups.push(gathered.diagnosis(context.runtime.clock.now()))
  }
  const { findings, notLookedAt } = together(ofGroups)
  return {
    ...examined,
    ...together([
      { ...examined, notLookedAt: examined.notLookedAt.filter((each) => each.check !== check) },
      {
        findings: findings.filter((each) => each.check === check),
        notLookedAt: notLookedAt.filter((each) => each.check === check),
      },
    ]),
  }
}

function hotPlaces(findings: readonly Finding[]): Map<string, Place[]> {
  const groups = new Map<string, Place[]>()
  for (const { check, subject } of findings) {
    const { group, topic, partition } = subject
    if (check !== 'hot-partition' || !group || topic === undefined || partition === undefined) continue
    groups.set(group, [...(groups.get(group) ?? []), { topic, partition }])
  }
  return groups
}

/** Of the group itself all was said. */
function nameOf(groupId: string): GroupFact {
  return { groupId, state: '', protocolType: '', protocol: '', members: [] }
}
