import type { Api } from '@rivven/protocol'
import type { Right } from '../plan/rights.js'
import type { BitFlip } from '../world/bit-flips.js'
import type { SeenOfResets } from './resets.js'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

export interface SeenRecord extends TopicPartition {
  readonly offset: number
  readonly value: string
}

/** One exchange on the wire, as it leaves the client and as the answer leaves the broker. */
export interface Exchange {
  readonly api: Api
  readonly version: number
  readonly host: string
  /** Who was asked. */
  readonly broker: string
  readonly connection: number
  readonly clientId: string
  readonly sentAt: number
  // biome-ignore lint/suspicious/noExplicitAny: every API has its own type; who reads it knows which.
  readonly request: any
  /** undefined until it is answered, and for ever when it never is. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  response: any
  answeredAt: number | undefined
}

/** Everything that can be seen from outside of the programs, in the order in which it happened. */
export type Seen =
  | { readonly kind: 'request'; readonly exchange: Exchange }
  | { readonly kind: 'answer'; readonly exchange: Exchange }
  /** Listener of a consumer: what it owns from here on, and what not any more. */
  | {
      readonly kind: 'assigned' | 'revoked' | 'lost'
      readonly member: MemberLife
      readonly partitions: readonly TopicPartition[]
    }
  /** The application calls poll: it is done with what it was given before. */
  | { readonly kind: 'polls'; readonly member: MemberLife }
  /** The application was told that another took its instance id. */
  | { readonly kind: 'fenced'; readonly member: MemberLife }
  /** Poll returned these. */
  | { readonly kind: 'polled'; readonly member: MemberLife; readonly records: readonly SeenRecord[] }
  /** The application was told that a record is written. */
  | { readonly kind: 'acknowledged'; readonly producer: string; readonly record: SeenRecord }
  /** The application was told how a transaction ended. */
  | { readonly kind: 'transaction'; readonly id: string; readonly outcome: 'committed' | 'aborted' }
  /** A topic has more partitions now. */
  | { readonly kind: 'grown'; readonly topic: string; readonly partitions: number }
  /** A process is gone, by its own will or not. */
  | { readonly kind: 'gone'; readonly host: string; readonly member?: MemberLife }
  /** `host`: which one, where there are several. */
  | { readonly kind: 'broker'; readonly what: 'up' | 'stop' | 'kill' | 'power cut'; readonly host?: string }
  /** Somebody, or nobody, leads a partition from here on: so the database of a cluster has it. */
  | ({ readonly kind: 'leader' } & Leadership)
  /** A broker is in a cluster, or is not any more: so its database has it. */
  | ({ readonly kind: 'life' } & BrokerLife)
  /** The broker's disk begins to fail, or is well again (and the broker was started on it). */
  | { readonly kind: 'disk'; readonly isFailing: boolean }
  /** A bit of one of the broker's files has turned over while it was down. */
  | ({ readonly kind: 'flipped' } & BitFlip)
  /** A right is taken away or given back: asked for, and answered as done. */
  | { readonly kind: 'right'; readonly right: Right; readonly change: 'goes' | 'is gone' | 'comes' | 'is back' }
  /** A user gets its next password: asked for, and answered as done. */
  | { readonly kind: 'password'; readonly user: string; readonly number: number; readonly change: 'comes' | 'counts' }
  /** A process of a user begins, with the password that it knows of. */
  | { readonly kind: 'comes'; readonly user: string; readonly password: number }
  /** An application is told that it comes in no more. */
  | { readonly kind: 'shut out'; readonly user: string; readonly code: string }
  /** Somebody says what is damaged: the broker in its log, or a client to its application. */
  | { readonly kind: 'told'; readonly text: string }
  | SeenOfResets
  /** Anything that helps to read what led to a failure. */
  | { readonly kind: 'note'; readonly text: string }

export interface Leadership extends TopicPartition {
  readonly topicId: string
  /** Id of the broker. */
  readonly leader: number | null
  readonly epoch: number
}

export interface BrokerLife {
  readonly brokerId: number
  readonly incarnation: number
  readonly isGone: boolean
}

/** One consumer in one life of its process. */
export interface MemberLife {
  readonly host: string
  readonly life: number
  readonly group: string
  readonly instanceId: string | undefined
  /** As the coordinator names it now; '' before the first join. */
  readonly memberId: () => string
  readonly generation: () => number
}

export type Timed<Event> = Event & { readonly at: number }

/** Who wants to know what happens. */
export interface Watcher {
  see(event: Timed<Seen>): void
}

/** Tells all who watch, in the order in which they were added. */
export class History {
  readonly #now: () => number
  readonly #watchers: Watcher[] = []

  constructor(now: () => number) {
    this.#now = now
  }

  watch(watcher: Watcher): void {
    this.#watchers.push(watcher)
  }

  add(event: Seen): void {
    const timed = { ...event, at: this.#now() }
    for (const watcher of this.#watchers) watcher.see(timed)
  }
}
