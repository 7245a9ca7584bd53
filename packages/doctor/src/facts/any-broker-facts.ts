/** What can be asked of any broker that speaks Kafka's protocol. */
export interface AnyBrokerFacts {
  readonly group?: GroupFact
  /** Where the group stands: partitions in which it has committed, and those that members own. */
  readonly partitions?: readonly PartitionFact[]
  /** Those that members subscribe to, and those in which the group has committed. */
  readonly topics?: readonly TopicFact[]
  /** Of the cluster: transactions that are open in partitions where readers of committed records wait for them. */
  readonly transactions?: readonly TransactionFact[]
  /** Of the cluster: the newest record of each partition, by timestamp. */
  readonly newest?: readonly NewestFact[]
}

const anyBroker = 'what any broker tells'
export const toldByAnyBroker: Record<keyof AnyBrokerFacts, string> = {
  ...{ group: anyBroker, partitions: anyBroker, topics: anyBroker },
  ...{ transactions: anyBroker, newest: anyBroker },
}

export interface Place {
  readonly topic: string
  readonly partition: number
}

export interface GroupFact {
  readonly groupId: string
  /** `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance`, … */
  readonly state: string
  /** `consumer` for consumers. */
  readonly protocolType: string
  /** The assignor; empty unless the group is stable. */
  readonly protocol: string
  readonly members: readonly MemberFact[]
}

export interface MemberFact {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** What it subscribes to; empty unless the group is stable. */
  readonly topics: readonly string[]
  readonly assignment: readonly Place[]
  /** As the client calls its software (KIP-511); null: it gave no name. Missing: nobody could say. */
  readonly software?: string | null
}

/** A row of `group lag`. */
export interface PartitionFact extends Place {
  /** Null: nothing was committed. */
  readonly currentOffset: number | null
  readonly logStartOffset: number | null
  /** Null: the topic is gone, or its leader has not said. */
  readonly logEndOffset: number | null
  readonly lag: number | null
  /** Is there anything that the group could get? */
  readonly waiting: boolean | null
  /** How long the first of what waits has been there. */
  readonly lagSeconds: number | null
  /** Member id. */
  readonly owner: string | null
}

export interface TopicFact {
  readonly topic: string
  readonly partitionCount: number
  /** `retention.ms`; null: records are kept for ever, or the topic is only compacted. */
  readonly retentionMs: number | null
}

/** An open transaction of one producer, and a partition that it holds up. */
export interface TransactionFact extends Place {
  readonly producerId: number
  /** Null: no coordinator knows it any more, so that nobody will end it. */
  readonly transactionalId: string | null
  /** Milliseconds since 1970; of one that no coordinator knows, the time of its last record. */
  readonly startedAt: number
  readonly timeoutMs: number | null
  /** Where readers of committed records wait. */
  readonly firstOffset: number
  /** Between there and the end. */
  readonly heldRecords: number
  /** Groups that wait there. */
  readonly groups: readonly string[]
}

export interface NewestFact extends Place {
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly offset: number
  /** When it came, where the broker knows. */
  readonly arrivedAt?: number
}
