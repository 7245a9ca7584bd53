import type { Diagnosis } from '@rivven/doctor'
import { type Group, statuses } from '@rivven/groups'
import { Breath } from '../../breath.js'
import { int } from '../../config/setting.js'
import { brokerFacts } from '../../doctor/cluster-facts.js'
import { factsOf } from '../../doctor/group-facts.js'
import { doctorsRules } from '../../doctor/rules.js'
import { mayOnCluster } from '../../handlers/rights/denial.js'
import { learnEnds } from '../../lag/committed-elsewhere.js'
import { eachSeenGroup } from '../groups/seen-groups.js'
import { isOpenTo } from '../groups/told-group.js'
import { type Given, texts } from '../parameters.js'
import { route, type Visitor } from '../route.js'
import type { Told } from '../shape.js'
import { clusterDiagnosis } from './doctor-shapes.js'
import { coordinatedHere, knownTransactions } from './known-transactions.js'

const query = {
  group: texts('Only these groups; all, where none is named.'),
  limit: int(100, 'Most groups of each broker: those that do worst, by the last sample.', { min: 0, max: 1000 }),
}
type Query = Given<typeof query>
type ClusterDiagnosis = Told<typeof clusterDiagnosis>

export const clusterDoctor = route(
  {
    name: 'GET /api/doctor',
    about:
      'What is wrong with groups, and with brokers and what is stored there, where the caller has DESCRIBE on the cluster (docs/doctor.md). Each broker looks at the groups that it coordinates.',
    rights: { asks: ['DESCRIBE CLUSTER', 'DESCRIBE GROUP', 'DESCRIBE TOPIC'], anonymous: 'all' },
    query,
    answer: clusterDiagnosis,
    merge: async (parts, _, missing) => ({
      ...(await doctorsRules()).together(parts),
      groups: parts.reduce((sum, { groups }) => sum + groups, 0),
      total: parts.reduce((sum, { total }) => sum + total, 0),
      missing,
    }),
  },
  async (visitor): Promise<ClusterDiagnosis> => {
    const { services, caller, query } = visitor
    const { clock } = services.runtime
    const { diagnose, together } = await doctorsRules()
    await learnEnds(services)
    const { groups, total } = await worstGroups(visitor)
    const breath = new Breath(clock)
    const diagnoses: Diagnosis[] = []
    if (mayOnCluster(caller, 'DESCRIBE') && query.group.length === 0) {
      const facts = await brokerFacts(services, await transactionsSeenBy(visitor), isOpenTo(caller))
      diagnoses.push(ofBroker(diagnose(facts, clock.now()), services.cluster))
    }
    for (const group of groups) {
      diagnoses.push(diagnose(await factsOf(group, services, isOpenTo(caller)), clock.now()))
      if (breath.isDue) await breath.take()
    }
    return { ...together(diagnoses), groups: groups.length, total, missing: [] }
  },
)

/** The worst first, by the last look at their lag; what nobody has looked at yet before what does well. */
async function worstGroups(visitor: Visitor<Query>): Promise<{ groups: Group[]; total: number }> {
  const { services, query } = visitor
  const names = new Set(query.group)
  const seen: Group[] = []
  await eachSeenGroup(visitor, new Breath(services.runtime.clock), (group) => {
    if (names.size === 0 || names.has(group.groupId)) seen.push(group)
  })
  const rankOf = (group: Group) => {
    const status = services.lag.sampler.sampleOf(group)?.status
    return status === undefined ? 0.5 : statuses.indexOf(status)
  }
  const ranked = seen.map((group) => ({ group, rank: rankOf(group) })).sort((one, other) => other.rank - one.rank)
  return { groups: ranked.slice(0, query.limit).map(({ group }) => group), total: seen.length }
}

async function transactionsSeenBy(visitor: Visitor<Query>) {
  return { told: await knownTransactions(visitor), coordinated: coordinatedHere(visitor) }
}

/** Of several brokers each says who it is. */
function ofBroker(diagnosis: Diagnosis, { brokerId, image }: Visitor['services']['cluster']): Diagnosis {
  if (image.brokers.size < 2) return diagnosis
  const self = { text: 'broker', value: brokerId, unit: null }
  return { ...diagnosis, findings: diagnosis.findings.map((each) => ({ ...each, evidence: [...each.evidence, self] })) }
}
