import { SeededRandom } from '../world/seeded-random.js'
import {
  type ActorPlan,
  type AdministratorPlan,
  type CopierPlan,
  type FaultKind,
  type FaultPlan,
  faultKinds,
  type LiarPlan,
  type LyingProducerPlan,
  type MemberHabit,
  type MemberPlan,
  type Plan,
  type StubbornPlan,
} from './plan.js'

export interface PlanChoices {
  /** Faults that may come; default: all. */
  readonly faults?: readonly FaultKind[]
}

const topic = 'orders'
const copiesTopic = 'copies'
/** Nobody writes to it. */
const otherTopic = 'refunds'
/** Nobody reads it. */
const gossipTopic = 'gossip'
const memberHosts = ['billing-0', 'billing-1', 'billing-2', 'billing-3', 'audit-0', 'audit-1']

const faultsOfGroups = faultKinds.filter((kind) => kind !== 'kill while a transaction ends')
/** The moment in which a transaction ends is short, and so is here twice. */
const faultsOfCopies = [
  ...faultKinds.filter((kind) => kind !== 'member dies in a rebalance'),
  'kill while a transaction ends' as const,
]

interface FaultChoices {
  readonly kinds: readonly FaultKind[]
  readonly hosts: readonly string[]
}

/** What a seed stands for: every third one copies in transactions, the others are about groups alone. */
export function makePlan(seed: number, choices: PlanChoices = {}): Plan {
  const random = new SeededRandom(seed)
  const isCopying = seed % 3 === 0
  const plan = isCopying ? makeCopyPlan(seed, random, choices) : makeGroupPlan(seed, random, choices)
  return withBusyCleaner(withLyingProducer(plan, random, isCopying), random, isCopying ? 1 / 2 : 1 / 4)
}

/** Segments are small and short-lived, and compacted as soon as they can be. */
function withBusyCleaner(plan: Plan, random: SeededRandom, share: number): Plan {
  if (!random.chance(share)) return plan
  const brokerConfig = {
    ...plan.brokerConfig,
    log_initial_task_delay_ms: random.below(300),
    log_retention_check_interval_ms: 50 + random.below(500),
    log_roll_ms: 200 + random.below(2_000),
    offsets_topic_segment_bytes: 1_000 + random.below(10_000),
    transaction_state_log_segment_bytes: 500 + random.below(2_000),
    log_cleaner_min_cleanable_ratio: random.pick([0, 0.2, 0.5]),
    log_cleaner_delete_retention_ms: random.pick([0, 500, 86_400_000]),
  }
  return { ...plan, brokerConfig }
}

/** Last of all: what else was drawn stays what it is. */
function withLyingProducer(plan: Plan, random: SeededRandom, isCopying: boolean): Plan {
  if (!random.chance(1 / 3)) return plan
  const liar: LyingProducerPlan = {
    kind: 'lying producer',
    name: 'gossiper',
    seed: random.below(2 ** 31),
    startsAt: random.between(100, plan.activeMs * 0.3),
    topic: gossipTopic,
    everyMs: random.between(30, 150),
    ...(isCopying ? { transactions: { group: 'copiers', topic: copiesTopic } } : {}),
  }
  const topics = [...plan.topics, { name: gossipTopic, partitions: 1 }]
  return { ...plan, topics, actors: [...plan.actors, liar] }
}

function makeGroupPlan(seed: number, random: SeededRandom, choices: PlanChoices): Plan {
  const activeMs = random.between(3_000, 8_000)
  const partitions = 1 + random.below(6)
  const plan = {
    seed,
    activeMs,
    settleMs: 30_000,
    brokerConfig: {},
    topics: [{ name: topic, partitions }],
    actors: [
      ...memberPlans(random, activeMs),
      ...producerPlans(random, activeMs),
      ...liarPlans(random),
      ...stubbornPlans(random),
    ],
    faults: faultPlans(random, activeMs, { kinds: choices.faults ?? faultsOfGroups, hosts: memberHosts }),
  }
  if (seed % 10 === 1) return withSecondTopic(plan, random)
  if (seed % 10 === 4) return withAdministrator(plan, random)
  return seed % 10 === 7 && choices.faults === undefined ? withExpiry(plan, random) : plan
}

/** All read a topic more, which is deleted and made anew, and subscribe to it now and then only. */
function withSecondTopic(plan: Plan, random: SeededRandom): Plan {
  const actors = withAdministrator(plan, random).actors.map((actor): ActorPlan => {
    if (actor.kind === 'administrator') return { ...actor, remade: otherTopic }
    if (actor.kind !== 'member') return actor
    return { ...actor, topics: [topic, otherTopic], habits: [...actor.habits, 'change topics'] }
  })
  return { ...plan, actors, topics: [...plan.topics, { name: otherTopic, partitions: 1 + random.below(3) }] }
}

/** Somebody removes members, and the topic grows. */
function withAdministrator(plan: Plan, random: SeededRandom): Plan {
  const seed = random.below(2 ** 31)
  const administrator: AdministratorPlan = {
    kind: 'administrator',
    name: 'administrator',
    seed,
    deletesRecords: seed % 2 === 0,
    startsAt: random.between(500, plan.activeMs),
    group: 'billing',
    topic,
    partitions: plan.topics[0]!.partitions + 1 + random.below(3),
  }
  return { ...plan, actors: [...plan.actors, administrator] }
}

/** Offsets are kept for a minute, and the broker's clock jumps ahead; one group is never without a member. */
function withExpiry(plan: Plan, random: SeededRandom): Plan {
  const ledger = [0, 1].map((number): MemberPlan => {
    return {
      kind: 'member',
      name: `ledger-${number}`,
      seed: random.below(2 ** 31),
      startsAt: 50,
      group: 'ledger',
      topics: [topic],
      strategy: 'range',
      sessionTimeoutMs: 15_000,
      heartbeatIntervalMs: 100,
      maxPollIntervalMs: 15_000,
      commits: 'rarely',
      // The second one comes and goes: each time all look up what is committed.
      habits: number === 0 ? [] : ['close'],
      restlessness: 0.1,
    }
  })
  const jump: FaultPlan = { at: plan.activeMs / 2, kind: 'clock ahead', host: '', durationMs: 0, seed: 1 }
  const brokerConfig = { offsets_retention_minutes: 1, offsets_retention_check_interval_ms: 200 }
  return { ...plan, brokerConfig, actors: [...plan.actors, ...ledger], faults: [...plan.faults, jump] }
}

function memberPlans(random: SeededRandom, activeMs: number): MemberPlan[] {
  const groups = random.chance(0.2) ? ['billing', 'audit'] : ['billing']
  return groups.flatMap((group) => {
    // A group of one kind, or, sometimes, of members that differ.
    const usual = random.pick(['range', 'round_robin', 'sticky', 'cooperative_sticky', 'cooperative_sticky'] as const)
    const isMixed = random.chance(0.15)
    const isStatic = random.chance(0.3)
    const members = Array.from({ length: 1 + random.below(4) }, (_, number): MemberPlan => {
      const strategy = isMixed && usual === 'cooperative_sticky' && random.chance(0.4) ? 'range' : usual
      const sessionTimeoutMs = Math.round(random.between(600, 2_000))
      return {
        kind: 'member',
        name: `${group}-${number}`,
        seed: random.below(2 ** 31),
        startsAt: random.chance(0.5) ? random.between(0, 300) : random.between(0, activeMs * 0.7),
        group,
        topics: [topic],
        strategy,
        ...(isStatic && random.chance(0.7) ? { instanceId: `${group}-i${random.chance(0.1) ? 0 : number}` } : {}),
        sessionTimeoutMs,
        heartbeatIntervalMs: Math.round(sessionTimeoutMs / random.between(3, 6)),
        maxPollIntervalMs: Math.round(random.between(1_500, 4_000)),
        commits: random.pick(['auto', 'after each poll', 'after each poll', 'rarely']),
        mayDie: number > 0,
        habits: number > 0 && random.chance(0.15) ? ['die'] : habitsOf(random),
        restlessness: 0.04,
      }
    })
    return members.map((member) => (member.instanceId === `${group}-i0` ? immortal(member) : member))
  })
}

/** Who may throw out the one that stays must come back itself. */
function immortal(member: MemberPlan): MemberPlan {
  return { ...member, mayDie: false, habits: member.habits.filter((habit) => habit !== 'die') }
}

/** Records that are copied in transactions, through the same faults. */
function makeCopyPlan(seed: number, random: SeededRandom, choices: PlanChoices): Plan {
  const activeMs = random.between(3_000, 8_000)
  const partitions = 1 + random.below(4)
  return {
    seed,
    activeMs,
    settleMs: 30_000,
    brokerConfig: { transaction_state_log_num_partitions: 2 },
    topics: [
      { name: topic, partitions },
      { name: copiesTopic, partitions },
    ],
    actors: [...copyPlans(random, activeMs), ...producerPlans(random, activeMs).slice(0, 1)],
    faults: faultPlans(random, activeMs, {
      kinds: choices.faults ?? faultsOfCopies,
      hosts: ['copier-0', 'copier-1', 'auditor-0'],
    }),
  }
}

/** A group whose members hardly stay: rebalance after rebalance, with few records and few other faults. */
export function makeStorm(seed: number): Plan {
  const random = new SeededRandom(seed)
  const activeMs = 15_000
  const strategy = random.pick(['range', 'round_robin', 'sticky', 'cooperative_sticky'] as const)
  const isStatic = random.chance(0.2)
  const members = Array.from({ length: 4 + random.below(4) }, (_, number): MemberPlan => {
    return {
      kind: 'member',
      name: `billing-${number}`,
      seed: random.below(2 ** 31),
      startsAt: random.between(0, 500),
      group: 'billing',
      topics: [topic],
      strategy,
      ...(isStatic && number < 2 ? { instanceId: `billing-i${number}` } : {}),
      sessionTimeoutMs: 400,
      heartbeatIntervalMs: 50,
      maxPollIntervalMs: 1_000,
      commits: random.pick(['auto', 'after each poll']),
      habits: ['close', 'close', 'close', 'crash', 'pause'],
      restlessness: 0.15,
    }
  })
  return {
    seed,
    activeMs,
    settleMs: 20_000,
    brokerConfig: {},
    topics: [{ name: topic, partitions: 1 + random.below(8) }],
    actors: [...members, ...producerPlans(random, 3_000).slice(0, 1)],
    faults: random.chance(0.3)
      ? faultPlans(random, activeMs, { kinds: faultsOfGroups, hosts: memberHosts }).slice(0, 1)
      : [],
  }
}

function habitsOf(random: SeededRandom): MemberHabit[] {
  const all = ['close', 'crash', 'pause', 'stop polling', 'hold partitions', 'unsubscribe'] as const
  return all.filter(() => random.chance(0.3))
}

function producerPlans(random: SeededRandom, activeMs: number): ActorPlan[] {
  return Array.from({ length: 1 + random.below(2) }, (_, number) => ({
    kind: 'producer' as const,
    name: `producer-${number}`,
    seed: random.below(2 ** 31),
    startsAt: random.between(0, activeMs * 0.3),
    topic,
    everyMs: random.between(20, 200),
    crashes: random.chance(0.3),
  }))
}

/** Copiers of the topic, and readers of what they have committed. */
function copyPlans(random: SeededRandom, activeMs: number): ActorPlan[] {
  const strategy = random.pick(['range', 'sticky', 'cooperative_sticky'] as const)
  const copiers = Array.from({ length: 1 + random.below(3) }, (_, number): CopierPlan => {
    const seed = random.below(2 ** 31)
    return {
      kind: 'copier',
      name: `copier-${number}`,
      seed,
      regrets: seed % 2 === 0,
      startsAt: random.between(0, activeMs * 0.5),
      group: 'copiers',
      // Two with one id fence each other.
      transactionalId: `copier-${random.chance(0.2) ? 0 : number}`,
      transactionTimeoutMs: Math.round(random.between(800, 3_000)),
      from: topic,
      to: copiesTopic,
      strategy,
      crashes: random.chance(0.6),
    }
  })
  const auditor: MemberPlan = {
    kind: 'member',
    name: 'auditor-0',
    seed: random.below(2 ** 31),
    startsAt: random.between(0, activeMs * 0.5),
    group: 'auditors',
    topics: [copiesTopic],
    strategy: 'range',
    isCommittedOnly: true,
    ...(random.chance(0.5) ? { fetchBytes: 200 } : {}),
    sessionTimeoutMs: 1_000,
    heartbeatIntervalMs: 250,
    maxPollIntervalMs: 3_000,
    commits: 'after each poll',
    habits: [],
    restlessness: 0,
  }
  return [...copiers, auditor]
}

function stubbornPlans(random: SeededRandom): StubbornPlan[] {
  if (random.chance(0.75)) return []
  return [
    {
      kind: 'stubborn',
      name: 'stubborn',
      seed: random.below(2 ** 31),
      startsAt: random.between(0, 1_500),
      group: 'billing',
      topic,
      ...(random.chance(0.5) ? { instanceId: 'billing-stubborn' } : {}),
      rebalanceTimeoutMs: Math.round(random.between(300, 1_500)),
    },
  ]
}

function liarPlans(random: SeededRandom): LiarPlan[] {
  if (random.chance(0.6)) return []
  const everyMs = random.between(30, 150)
  return [{ kind: 'liar', name: 'liar', seed: random.below(2 ** 31), startsAt: 100, group: 'billing', topic, everyMs }]
}

function faultPlans(random: SeededRandom, activeMs: number, { kinds, hosts }: FaultChoices): FaultPlan[] {
  if (kinds.length === 0 || random.chance(0.1)) return []
  const count = 1 + random.below(5)
  const faults = Array.from({ length: count }, (): FaultPlan => {
    return {
      at: random.between(200, activeMs),
      kind: random.pick(kinds),
      host: random.pick(hosts),
      durationMs: random.between(20, 2_500),
      seed: random.below(2 ** 31),
    }
  })
  return faults.sort((a, b) => a.at - b.at)
}
