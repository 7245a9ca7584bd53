import { SeededRandom } from '../world/seeded-random.js'
import type {
  ActorPlan,
  AdministratorPlan,
  FaultPlan,
  LyingProducerPlan,
  MemberPlan,
  OverstayerPlan,
  Plan,
  ResetterPlan,
  RightsKeeperPlan,
} from './plan.js'
import { copiesTopic, gossipTopic, otherTopic, topic } from './topics.js'

/** Who reads and writes logs in, again and again, and what each may do changes meanwhile. */
export function withSecurity(plan: Plan, random: SeededRandom): Plan {
  const keeper: RightsKeeperPlan = {
    kind: 'rights keeper',
    name: 'rights keeper',
    seed: random.below(2 ** 31),
    startsAt: random.between(200, plan.activeMs * 0.5),
    changesPasswords: random.chance(0.5),
  }
  const security = {
    mechanism: random.pick(['plain', 'scram-sha-256', 'scram-sha-512'] as const),
    // A rebalance and a long poll may take longer, or not.
    sessionMs: Math.round(random.between(700, 3_000)),
  }
  const overstayer: OverstayerPlan = {
    kind: 'overstayer',
    name: 'overstayer',
    seed: random.below(2 ** 31),
    startsAt: random.between(0, plan.activeMs * 0.5),
    group: plan.topics.some(({ name }) => name === copiesTopic) ? 'copiers' : 'billing',
  }
  const added = [...(random.chance(0.8) ? [keeper] : []), ...(random.chance(0.3) ? [overstayer] : [])]
  return { ...plan, security, actors: [...plan.actors, ...added] }
}

/** Segments are small and short-lived, and compacted as soon as they can be. */
export function withBusyCleaner(plan: Plan, random: SeededRandom, share: number): Plan {
  if (!random.chance(share)) return plan
  const firstMs = random.below(300)
  const everyMs = 50 + random.below(500)
  const brokerConfig = {
    ...plan.brokerConfig,
    log_initial_task_delay_ms: firstMs,
    log_retention_check_interval_ms: everyMs,
    log_cleaner_backoff_ms: everyMs,
    log_roll_ms: 200 + random.below(2_000),
    offsets_topic_segment_bytes: 1_000 + random.below(10_000),
    transaction_state_log_segment_bytes: 500 + random.below(2_000),
    log_cleaner_min_cleanable_ratio: random.pick([0, 0.2, 0.5]),
    log_cleaner_delete_retention_ms: random.pick([0, 500, 86_400_000]),
  }
  return { ...plan, brokerConfig }
}

/** Somebody writes with wrong sequences, and speaks for transactions that are over. */
export function withLyingProducer(plan: Plan, random: SeededRandom, isCopying: boolean): Plan {
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

/**
 * Somebody moves offsets of the group while it reads, and the broker is killed in the middle of that. Drawn from a chance of its own, so
 * that the rest of the plan stays as it is.
 */
export function withResetter(plan: Plan): Plan {
  const random = new SeededRandom(plan.seed + 5 * 2 ** 32)
  const resetter: ResetterPlan = {
    kind: 'resetter',
    name: 'resetter',
    seed: random.below(2 ** 31),
    startsAt: random.between(300, plan.activeMs * 0.5),
    group: 'billing',
    topic,
    most: 8,
    longestHandoverMs: Math.round(random.between(100, 1_500)),
  }
  const kills = Array.from({ length: random.below(4) }, (): FaultPlan => {
    const at = random.between(resetter.startsAt, plan.activeMs)
    const kind = 'kill while offsets are reset'
    return { at, kind, host: '', durationMs: random.between(20, 500), seed: random.below(2 ** 31) }
  })
  const faults = [...plan.faults, ...kills].sort((a, b) => a.at - b.at)
  return { ...plan, actors: [...plan.actors.map(withBusyHandlers), resetter], faults }
}

/** Whoever is busy for long does not hand over in time, and commits late. */
function withBusyHandlers(actor: ActorPlan): ActorPlan {
  if (actor.kind !== 'member') return actor
  return { ...actor, habits: [...actor.habits, 'stop polling'], restlessness: 0.1 }
}

/** All read a topic more, which is deleted and made anew, and subscribe to it now and then only. */
export function withSecondTopic(plan: Plan, random: SeededRandom): Plan {
  const actors = withAdministrator(plan, random).actors.map((actor): ActorPlan => {
    if (actor.kind === 'administrator') return { ...actor, remade: otherTopic }
    if (actor.kind !== 'member') return actor
    return { ...actor, topics: [topic, otherTopic], habits: [...actor.habits, 'change topics'] }
  })
  return { ...plan, actors, topics: [...plan.topics, { name: otherTopic, partitions: 1 + random.below(3) }] }
}

/** Somebody removes members, and the topic grows. */
export function withAdministrator(plan: Plan, random: SeededRandom): Plan {
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

/**
 * A quiet group of static members: the last to come makes others give partitions up, and one of these dies while it does, and is
 * back before its session ends.
 */
export function withReturns(plan: Plan, random: SeededRandom): Plan {
  const size = 2 + random.below(3)
  const sessionTimeoutMs = Math.round(random.between(2_000, 4_000))
  const members = Array.from({ length: size }, (_, number): MemberPlan => {
    return {
      ...{ kind: 'member', name: `billing-${number}`, seed: random.below(2 ** 31), group: 'billing', topics: [topic] },
      ...{ instanceId: `billing-i${number}`, strategy: 'cooperative_sticky', commits: 'auto', mayDie: false },
      ...{ sessionTimeoutMs, heartbeatIntervalMs: Math.round(sessionTimeoutMs / 5), maxPollIntervalMs: 4_000 },
      startsAt: number < size - 1 ? 50 * number : plan.activeMs * 0.7,
      habits: [],
      restlessness: 0,
    }
  })
  const at = plan.activeMs * 0.65
  const death: FaultPlan = {
    at,
    kind: 'member dies in a rebalance',
    host: '',
    durationMs: 50,
    seed: random.below(2 ** 31),
  }
  const topics = plan.topics.map((one) => ({ ...one, partitions: size + random.below(4) }))
  const others = plan.actors.filter(({ kind }) => kind === 'producer')
  return { ...plan, topics, actors: [...members, ...others], faults: [death] }
}

/** The broker is ended, and before it starts again a bit of one of its files turns over. Segments are closed after a while. */
export function withBitFlip(plan: Plan, random: SeededRandom): Plan {
  const at = random.between(plan.activeMs * 0.3, plan.activeMs)
  const flip: FaultPlan = { at, kind: 'bit flip', host: '', durationMs: 50, seed: random.below(2 ** 31) }
  const brokerConfig = { log_roll_ms: 200 + random.below(1_000), ...plan.brokerConfig }
  return { ...plan, brokerConfig, faults: [...plan.faults, flip] }
}

/** Offsets are kept for a minute, and the broker's clock jumps ahead; one group is never without a member. */
export function withExpiry(plan: Plan, random: SeededRandom): Plan {
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
