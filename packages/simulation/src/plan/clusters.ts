import { SeededRandom } from '../world/seeded-random.js'
import { foundingHosts } from './brokers.js'
import { allFaultKinds, clusterFaultKinds, type FaultKind, type FaultPlan, type MemberPlan, type Plan } from './plan.js'
import { topic } from './topics.js'

/** Faults of a single broker that have no meaning where its log lies in a database. */
const ofFiles: ReadonlySet<FaultKind> = new Set([
  ...([
    'broker power cut',
    'kill at a disk operation',
    'kill while a transaction ends',
    'kill while offsets are reset',
    'bit flip',
  ] as const),
  ...(['disk slow', 'disk full', 'disk sync fails'] as const),
])
const ofBrokers: ReadonlySet<FaultKind> = new Set(['broker kill', 'broker restart', 'broker pause'])

/** From here on something may go wrong: by then those who are quiet have found each other. */
export const quietMs = 1_500

/** What nobody disturbs: members that stay, whoever coordinates them. */
export const quietGroup = 'quiet'

export interface ClusterChoices {
  readonly brokers: number
  /** Faults that may come; default: all. */
  readonly faults?: readonly FaultKind[]
}

/**
 * The same actors with several brokers on one database, more time, and what goes wrong there. Drawn from a chance of its own, so that
 * plans without a cluster stay as they are.
 */
export function withCluster(plan: Plan, { brokers, faults: mayCome = allFaultKinds }: ClusterChoices): Plan {
  const random = new SeededRandom(plan.seed + 3 * 2 ** 32)
  const founding = { brokers }
  const activeMs = quietMs + plan.activeMs + random.between(0, 2_000)
  const others = plan.faults.filter(({ kind }) => !ofFiles.has(kind) && !ofBrokers.has(kind))
  const late = others.map((fault) => ({ ...fault, at: fault.at + quietMs }))
  const faults = [
    ...late,
    ...faultsOf(random, activeMs, { hosts: foundingHosts({ cluster: founding }), mayCome }),
  ].sort((a, b) => a.at - b.at)
  const actors = [...plan.actors, ...quietMembers(random)]
  const cluster = random.chance(0.25) ? { ...founding, joinsAt: random.between(quietMs, activeMs) } : founding
  return { ...plan, cluster, activeMs, actors, faults }
}

const ofClusters: readonly FaultKind[] = [
  ...(['broker kill', 'broker kill', 'broker restart', 'broker pause', 'broker pause'] as const),
  ...clusterFaultKinds,
]

interface Choices {
  readonly hosts: readonly string[]
  readonly mayCome: readonly FaultKind[]
}

function faultsOf(random: SeededRandom, activeMs: number, { hosts, mayCome }: Choices): FaultPlan[] {
  const kinds = ofClusters.filter((kind) => mayCome.includes(kind))
  if (kinds.length === 0 || random.chance(0.1)) return []
  return Array.from({ length: 1 + random.below(4) }, () => {
    const kind = random.pick(kinds)
    const isLong = kind === 'broker pause' || kind === 'cut from the database' || kind === 'drain'
    return {
      at: random.between(quietMs, activeMs),
      kind,
      host: kind.startsWith('database') ? '' : random.pick(hosts),
      durationMs: isLong ? random.between(1_000, 8_000) : random.between(20, 4_000),
      seed: random.below(2 ** 31),
    }
  })
}

function quietMembers(random: SeededRandom): MemberPlan[] {
  return Array.from({ length: 2 + random.below(2) }, (_, number) => ({
    ...{ kind: 'member', name: `quiet-${number}`, seed: random.below(2 ** 31), group: quietGroup, topics: [topic] },
    ...{ strategy: 'range', commits: 'after each poll', habits: [], restlessness: 0, startsAt: 20 },
    ...{ sessionTimeoutMs: 20_000, heartbeatIntervalMs: 1_000, maxPollIntervalMs: 30_000, waitMs: 1_000 },
  }))
}
