import { SeededRandom } from '../world/seeded-random.js'
import {
  withAdministrator,
  withBitFlip,
  withBusyCleaner,
  withExpiry,
  withLyingProducer,
  withResetter,
  withReturns,
  withSecondTopic,
  withSecurity,
} from './additions.js'
import { withCluster } from './clusters.js'
import { copyPlans, liarPlans, memberPlans, producerPlans, stubbornPlans } from './draw-actors.js'
import { faultPlans, faultsOfCopies, faultsOfGroups, memberHosts } from './draw-faults.js'
import type { FaultKind, MemberPlan, Plan } from './plan.js'
import { copiesTopic, topic } from './topics.js'

export interface PlanChoices {
  /** Faults that may come; default: all. */
  readonly faults?: readonly FaultKind[]
  /** How many brokers there are; default: one, and three in every fourth seed. */
  readonly brokers?: number
}

/** What a seed stands for: every third one copies in transactions, the others are about groups alone; every fourth has three brokers. */
export function makePlan(seed: number, choices: PlanChoices = {}): Plan {
  const { brokers = seed % 4 === 0 ? 3 : 1 } = choices
  if (brokers === 1) return planOf(seed, choices)
  // Users, and what befalls files, are the affair of plans with one broker.
  const { security: _, ...plan } = planOf(seed, choices)
  const actors = plan.actors.filter(({ kind }) => kind !== 'rights keeper' && kind !== 'overstayer')
  return withCluster({ ...plan, actors }, { ...choices, brokers })
}

function planOf(seed: number, choices: PlanChoices): Plan {
  const random = new SeededRandom(seed)
  const isCopying = seed % 3 === 0
  const plan = isCopying ? makeCopyPlan(seed, random, choices) : makeGroupPlan(seed, random, choices)
  const whole = withBusyCleaner(withLyingProducer(plan, random, isCopying), random, isCopying ? 1 / 2 : 1 / 4)
  const hasFlip = choices.faults === undefined ? seed % 20 === 13 : choices.faults.includes('bit flip')
  if (hasFlip) return withBitFlip(whole, random)
  return seed % 5 === 0 ? withSecurity(whole, random) : whole
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
  if ((seed % 10 === 2 || seed % 10 === 6) && choices.faults === undefined) return withResetter(plan)
  if (seed % 10 === 4) return withAdministrator(plan, random)
  if (seed % 10 === 9 && choices.faults === undefined) return withReturns(plan, random)
  return seed % 10 === 7 && choices.faults === undefined ? withExpiry(plan, random) : plan
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
      heartbeatIntervalMs: 100,
      maxPollIntervalMs: 1_000,
      commits: random.pick(['auto', 'after each poll']),
      habits: ['close', 'close', 'close', 'crash', 'pause'],
      restlessness: 0.5,
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
