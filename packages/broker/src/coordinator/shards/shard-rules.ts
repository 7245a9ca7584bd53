/** Names one waiting request of a shard. */
export type Ticket = number

/** Two clocks, in milliseconds: deadlines run on the monotonic one, stored timestamps are wall time. */
export interface Now {
  readonly wall: number
  readonly monotonic: number
}

/** Who asks, as far as rules need to know. */
export interface Asker {
  readonly apiVersion: number
  readonly clientId: string
  readonly clientHost: string
  /** As the authorizer calls whoever asks; absent: the broker itself. */
  readonly access?: { readonly principal: string }
}

/** A request on its way into a command. */
export interface Call<Request> {
  readonly ticket: Ticket
  readonly request: Request
  readonly context: Asker
  readonly now: Now
}

/** What rules decided: events to be stored, replies that wait for them, and when `tick` must be called at the latest. */
export interface ShardDecision<Event> {
  readonly events: readonly Event[]
  readonly replies: readonly { readonly ticket: Ticket; readonly response: unknown }[]
  /** However many they are, the events are stored together or not at all. */
  readonly isWhole?: boolean
  readonly deadline?: number
}

/** The producer of a transactional batch. */
export interface BatchProducer {
  readonly producerId: number
  readonly producerEpoch: number
}

/** One record to write. Those of one producer lie in batches of their own; one that ends a transaction is its marker. */
export interface WrittenRecord {
  readonly key: Buffer
  readonly value: Buffer | null
  readonly producer?: BatchProducer
  readonly ends?: {
    readonly committed: boolean
    readonly coordinatorEpoch: number
    readonly transactionVersion: number
  }
}

/** The pure rules that a shard hosts: those of groups or those of transactions. */
export interface ShardRules<Shard, Event, Decision extends ShardDecision<Event>> {
  /** For the log: 'groups'. */
  readonly what: string
  create(): Shard
  encode(event: Event): WrittenRecord
  /** Null: a record of a kind that is not known. `producer`: of a transactional batch. Throws for what cannot be read. */
  decode(key: Buffer, value: Buffer | null, producer: BatchProducer | null): Event | null
  /** A marker lies in the log. Null: it means nothing here. */
  ended(producer: BatchProducer, committed: boolean, coordinatorEpoch: number): Event | null
  replay(shard: Shard, event: Event): void
  loaded(shard: Shard, now: Now): Decision
  unload(shard: Shard): Decision
  /** Whose deadline has come. */
  due(shard: Shard, monotonic: number): readonly string[]
  earliestDeadline(shard: Shard): number
  tick(shard: Shard, id: string, now: Now): Decision
  /** The decision is in effect in memory; it may not be durable yet. */
  took(decision: Decision, shard: Shard, now: Now): void
  /** What is to be done when the decision is durable; null: nothing. */
  afterwards(decision: Decision): (() => void) | null
}
