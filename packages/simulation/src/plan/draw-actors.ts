import type { SeededRandom } from '../world/seeded-random.js'
import type { ActorPlan, CopierPlan, LiarPlan, MemberHabit, MemberPlan, StubbornPlan } from './plan.js'
import { copiesTopic, topic } from './topics.js'

export function memberPlans(random: SeededRandom, activeMs: number): MemberPlan[] {
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

function habitsOf(random: SeededRandom): MemberHabit[] {
  const all = ['close', 'crash', 'pause', 'stop polling', 'hold partitions', 'unsubscribe'] as const
  return all.filter(() => random.chance(0.3))
}

export function producerPlans(random: SeededRandom, activeMs: number): ActorPlan[] {
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
export function copyPlans(random: SeededRandom, activeMs: number): ActorPlan[] {
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

export function stubbornPlans(random: SeededRandom): StubbornPlan[] {
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

export function liarPlans(random: SeededRandom): LiarPlan[] {
  if (random.chance(0.6)) return []
  const everyMs = random.between(30, 150)
  return [{ kind: 'liar', name: 'liar', seed: random.below(2 ** 31), startsAt: 100, group: 'billing', topic, everyMs }]
}
