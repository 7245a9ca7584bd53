/** What a run does, made from a seed alone: it can be written down, made smaller and run again. */
export interface Plan {
  readonly seed: number
  /** Faults and new actors come until here; then everything is healed and must settle. */
  readonly activeMs: number
  readonly settleMs: number
  readonly brokerConfig: Readonly<Record<string, unknown>>
  readonly topics: readonly { readonly name: string; readonly partitions: number }[]
  readonly actors: readonly ActorPlan[]
  readonly faults: readonly FaultPlan[]
  /** Members, producers and copiers are users who log in; absent: nobody is asked who it is. */
  readonly security?: SecurityPlan
  /** Several brokers on one database; absent: one, on files. */
  readonly cluster?: ClusterPlan
}

export interface ClusterPlan {
  /** Those that found it. */
  readonly brokers: number
  /** When one more joins; absent: none does. */
  readonly joinsAt?: number
}

export interface SecurityPlan {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  /** After so long a connection must log in again. */
  readonly sessionMs: number
}

export type ActorPlan =
  | MemberPlan
  | ProducerPlan
  | LiarPlan
  | LyingProducerPlan
  | CopierPlan
  | StubbornPlan
  | AdministratorPlan
  | RightsKeeperPlan
  | OverstayerPlan
  | ResetterPlan

interface Common {
  readonly name: string
  /** Its own chance, so that leaving out another actor does not change what this one does. */
  readonly seed: number
  readonly startsAt: number
}

/** A consumer of a group in a process that comes and goes. */
export interface MemberPlan extends Common {
  readonly kind: 'member'
  readonly group: string
  readonly topics: readonly string[]
  readonly strategy: 'range' | 'round_robin' | 'sticky' | 'cooperative_sticky'
  readonly instanceId?: string
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly maxPollIntervalMs: number
  /** Reads only what is committed. */
  readonly isCommittedOnly?: boolean
  /** How long a poll and a fetch wait for records; default: 200 and 300 ms. */
  readonly waitMs?: number
  /** Of one partition at once, in bytes: little, so that it stops in the middle of transactions. */
  readonly fetchBytes?: number
  readonly commits: 'auto' | 'after each poll' | 'rarely'
  /** How the application treats it from time to time. */
  readonly habits: readonly MemberHabit[]
  /** Whether it may be killed for good: somebody must be left to take over. */
  readonly mayDie?: boolean
  /** How likely it follows one of them after a poll. */
  readonly restlessness: number
}

export type MemberHabit =
  | 'close'
  | 'crash'
  | 'die'
  | 'pause'
  | 'stop polling'
  | 'change topics'
  | 'hold partitions'
  | 'unsubscribe'

export interface ProducerPlan extends Common {
  readonly kind: 'producer'
  readonly topic: string
  readonly everyMs: number
  readonly crashes: boolean
}

/** Copies a topic exactly once: a member of a group that writes in transactions. */
export interface CopierPlan extends Common {
  readonly kind: 'copier'
  readonly group: string
  readonly transactionalId: string
  readonly transactionTimeoutMs: number
  readonly from: string
  readonly to: string
  readonly strategy: MemberPlan['strategy']
  readonly crashes: boolean
  /** Aborts now and then when its offsets have gone with the transaction already; then reads on at what is committed. */
  readonly regrets?: boolean
}

/** Joins a group, sends heartbeats, and takes part in no later rebalance. */
export interface StubbornPlan extends Common {
  readonly kind: 'stubborn'
  readonly group: string
  readonly topic: string
  readonly instanceId?: string
  readonly rebalanceTimeoutMs: number
}

/** What the liar commits, and nobody else. */
export const foreignOffset = 1_000_000

/** Sends requests in the name of those who have no right to anything. */
export interface LiarPlan extends Common {
  readonly kind: 'liar'
  readonly group: string
  readonly topic: string
  readonly everyMs: number
}

/** Writes with wrong sequences to a topic that nobody reads, and speaks for transactions in epochs that are over. */
export interface LyingProducerPlan extends Common {
  readonly kind: 'lying producer'
  readonly topic: string
  readonly everyMs: number
  /** Where the transactions write that it speaks for, and the group whose offsets are theirs. */
  readonly transactions?: { readonly group: string; readonly topic: string }
}

/** Removes members, resets offsets of an empty group, deletes records, makes a topic anew, and in the end grows another. */
export interface AdministratorPlan extends Common {
  readonly kind: 'administrator'
  readonly group: string
  readonly topic: string
  /** As many as the topic has in the end. */
  readonly partitions: number
  /** A topic that is deleted and made anew, with other partitions, from time to time. */
  readonly remade?: string
  /** Whether records of the topic are deleted, read or not. */
  readonly deletesRecords?: boolean
}

/** Takes rights of users away and gives them back, and changes passwords. */
export interface RightsKeeperPlan extends Common {
  readonly kind: 'rights keeper'
  readonly changesPasswords: boolean
}

/** A user without manners: asks on behind the end of its session, and before it is in. */
export interface OverstayerPlan extends Common {
  readonly kind: 'overstayer'
  /** One that it belongs to as little as to others. */
  readonly group: string
}

/** Moves offsets of a group back while its members read, and takes that back. */
export interface ResetterPlan extends Common {
  readonly kind: 'resetter'
  readonly group: string
  readonly topic: string
  /** Resets that it asks for: no more than snapshots are kept. */
  readonly most: number
  readonly longestHandoverMs: number
}

/** Topics whose offsets may be deleted with them, and whose partitions may be others at any time. */
export function remadeTopics({ actors }: Plan): ReadonlySet<string> {
  return new Set(actors.flatMap((actor) => (actor.kind === 'administrator' && actor.remade ? [actor.remade] : [])))
}

/** Something that goes wrong at a time, for a while. */
export interface FaultPlan {
  readonly at: number
  readonly kind: FaultKind
  /** The host it strikes; '' where it is the only broker's machine, or the database. */
  readonly host: string
  readonly durationMs: number
  readonly seed: number
}

export const faultKinds = [
  'broker kill',
  'broker power cut',
  'broker restart',
  'broker pause',
  'kill at a disk operation',
  'disk slow',
  'disk full',
  'disk sync fails',
  'cut',
  'cut one way',
  'slow line',
  'client pause',
  'clock jump',
  'clock ahead',
  'member dies in a rebalance',
  'kill while a transaction ends',
  'kill while offsets are reset',
  'bit flip',
] as const

/** What goes wrong where several brokers share a database; other faults of brokers strike one of them. */
export const clusterFaultKinds = [
  'drain',
  'cut from the database',
  'cut from other brokers',
  'database away',
  'database connections break',
  'database fail-over',
  'database slow',
] as const

export const allFaultKinds: readonly FaultKind[] = [...faultKinds, ...clusterFaultKinds]

export type FaultKind = (typeof faultKinds)[number] | (typeof clusterFaultKinds)[number]
