import { decodeAssignment, decodeSubscription } from '@rivven/groups'
import type { Exchange, Seen, Timed } from '../../history/history.js'
import { type Plan, remadeTopics } from '../../plan/plan.js'
import type { Check, Report } from '../check.js'
import type { KnownRights } from '../security/known-rights.js'

/** How old what a leader knows of topics may be, in milliseconds. */
const longestMemoryMs = 3_000

interface Generation {
  /** A group that begins anew has the same number twice: this tells which one a late SyncGroup means. */
  readonly leader: string
  readonly protocol: string
  /** Partitions that members said to hold when they joined. */
  readonly claims: ReadonlyMap<string, ReadonlySet<string>>
  readonly subscriptions: ReadonlyMap<string, readonly string[]>
}

/**
 * Invariants 2 and 14, in what a leader sends: each partition of the subscribed topics goes to one member that asked for
 * it (to none at most while another holds it), and members that ask for the same have shares that differ by at most one.
 */
export class Assignments implements Check {
  readonly #report: Report
  readonly #partitions: ReadonlyMap<string, number>
  readonly #rights: KnownRights
  /** By group and generation, as its leader was told. */
  readonly #generations = new Map<string, Generation>()

  constructor(report: Report, plan: Plan, rights: KnownRights) {
    this.#report = report
    this.#rights = rights
    const remade = remadeTopics(plan)
    this.#partitions = new Map(
      plan.topics.flatMap(({ name, partitions }) => (remade.has(name) ? [] : [[name, partitions] as const])),
    )
  }

  see(event: Timed<Seen>): void {
    if (event.kind === 'answer' && event.exchange.api.name === 'JoinGroup') this.#seeJoin(event.exchange)
    if (event.kind === 'request' && event.exchange.api.name === 'SyncGroup') this.#seeSync(event.exchange)
  }

  #seeJoin({ request, response }: Exchange): void {
    if (response.errorCode !== 0 || response.members.length === 0 || response.skipAssignment) return
    const claims = new Map<string, Set<string>>()
    const subscriptions = new Map<string, readonly string[]>()
    for (const { memberId, metadata } of response.members) {
      const { topics, ownedPartitions } = decodeSubscription(metadata)
      subscriptions.set(memberId, topics)
      claims.set(memberId, namesOf(ownedPartitions))
    }
    const generation = { leader: response.leader, protocol: response.protocolName, claims, subscriptions }
    this.#generations.set(`${request.groupId} ${response.generationId}`, generation)
  }

  #seeSync({ host, request, sentAt }: Exchange): void {
    const generation = this.#generations.get(`${request.groupId} ${request.generationId}`)
    if (!generation || generation.leader !== request.memberId || request.assignments.length === 0) return
    const owners = new Map<string, string>()
    const shares = new Map<string, number>()
    for (const { memberId, assignment } of request.assignments) {
      const given = namesOf(decodeAssignment(assignment).assignedPartitions)
      shares.set(memberId, given.size)
      for (const name of given) this.#give(name, memberId, { owners, generation, generationId: request.generationId })
    }
    const claimed = new Set([...generation.claims.values()].flatMap((names) => [...names]))
    const isMoving = [...claimed].some((name) => !owners.has(name))
    if (!isMoving) this.#mustBeBalanced(generation, shares, request)
    // What somebody holds is given to nobody until it is free.
    const forgotten = this.#unassigned(generation, owners).find((name) => {
      return !claimed.has(name) && !this.#mayBeHidden(topicOf(name), host, sentAt)
    })
    if (forgotten) this.#report('2', `generation ${request.generationId} of ${request.groupId} leaves out ${forgotten}`)
  }

  #give(
    name: string,
    memberId: string,
    { owners, generation, generationId }: { owners: Map<string, string>; generation: Generation; generationId: number },
  ): void {
    const other = owners.get(name)
    if (other !== undefined) this.#report('2', `generation ${generationId} gives ${name} to ${other} and ${memberId}`)
    owners.set(name, memberId)
    if (!generation.subscriptions.get(memberId)?.includes(topicOf(name)))
      this.#report('2', `${memberId} is given ${name}, which it did not ask for`)
  }

  #unassigned({ subscriptions }: Generation, owners: ReadonlyMap<string, string>): string[] {
    const topics = new Set([...subscriptions.values()].flat())
    return [...topics].flatMap((topic) =>
      Array.from({ length: this.#partitions.get(topic) ?? 0 }, (_, at) => `${topic}/${at}`).filter(
        (name) => !owners.has(name),
      ),
    )
  }

  /** A leader without the right to read a topic does not see it. */
  #mayBeHidden(name: string, leader: string, at: number): boolean {
    return this.#rights.hasLacked(leader, { operation: 'READ', type: 'TOPIC', name }, at - longestMemoryMs)
  }

  /** Said of one topic, where it is the same for all assignors. */
  #mustBeBalanced({ subscriptions, protocol }: Generation, shares: Map<string, number>, request: SyncRequest): void {
    const asked = new Set([...subscriptions.values()].map((topics) => [...topics].sort().join()))
    if (asked.size !== 1 || [...asked][0]!.includes(',')) return
    const counts = [...subscriptions.keys()].map((memberId) => shares.get(memberId) ?? 0)
    const spread = Math.max(...counts) - Math.min(...counts)
    if (spread <= 1) return
    const where = `generation ${request.generationId} of ${request.groupId}`
    this.#report('14', `shares of ${where} by ${protocol} are ${counts.join(', ')}`)
  }
}

function topicOf(name: string): string {
  return name.split('/')[0]!
}

interface SyncRequest {
  readonly groupId: string
  readonly generationId: number
}

function namesOf(topics: readonly { topic: string; partitions: readonly number[] }[]): Set<string> {
  return new Set(topics.flatMap(({ topic, partitions }) => partitions.map((partition) => `${topic}/${partition}`)))
}
