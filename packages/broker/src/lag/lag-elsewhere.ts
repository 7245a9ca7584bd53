import type { Group } from '@rivven/groups'
import { RivvenCall } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'
import type { Catalog } from '../catalog/catalog.js'
import type { Cluster } from '../cluster/cluster.js'
import { leaderOf } from '../cluster/image.js'
import type { Peers } from '../cluster/peers/peers.js'
import { partitionKey } from '../partition-key.js'
import { type GroupQuestion, type LagAnswers, lagPath, type PlaceAnswer, type PlaceQuestion } from './questions.js'

export interface LagElsewhereOptions {
  readonly cluster: Pick<Cluster, 'brokerId' | 'image'>
  readonly peers: Pick<Peers, 'ask'>
  readonly catalog: Catalog
  readonly clock: Clock
}

/** So many places are asked about at once. */
const mostAtOnce = 2_000

/** One question with the group that it is about: whose answers are kept by it. */
interface Asked {
  readonly group: Group
  readonly question: GroupQuestion
}

/** What waits for groups of this broker in partitions that others lead: only these know when it came. */
export class LagElsewhere {
  readonly #options: LagElsewhereOptions
  /** By place, as of the last time that was asked. */
  readonly #answers = new WeakMap<Group, Map<string, PlaceAnswer>>()

  constructor(options: LagElsewhereOptions) {
    this.#options = options
  }

  /** Undefined: its leader has not said. */
  of(group: Group, topic: string, partition: number): PlaceAnswer | undefined {
    return this.#answers.get(group)?.get(partitionKey(topic, partition))
  }

  /** Asks the leaders of all that groups stand in. Resolves when they have answered, or did not in time. Nobody is asked where there is nobody. */
  async learn(groups: Iterable<Group>, { asksReads = false } = {}): Promise<void> {
    const { cluster, clock } = this.#options
    if (cluster.image.brokers.size < 2) return
    const breath = new Breath(clock)
    const waiting = new Map<number, Asked[]>()
    const asking: Promise<void>[] = []
    for (const group of groups) {
      const answers = new Map<string, PlaceAnswer>()
      const before = this.#answers.get(group)
      for (const [leader, places] of this.#placesByLeader(group)) {
        // What is not answered this time was answered before.
        for (const { topic, partition } of places) keep(answers, before, partitionKey(topic, partition))
        const clients = Array.from(group.members.values(), ({ clientId, clientHost }) => ({ clientId, clientHost }))
        const asked = [...(waiting.get(leader) ?? []), { group, question: { clients, places, asksReads } }]
        const isEnough = asked.reduce((sum, { question }) => sum + question.places.length, 0) >= mostAtOnce
        if (isEnough) asking.push(this.#ask(leader, asked))
        waiting.set(leader, isEnough ? [] : asked)
      }
      this.#answers.set(group, answers)
      if (breath.isDue) await breath.take()
    }
    for (const [leader, asked] of waiting) if (asked.length > 0) asking.push(this.#ask(leader, asked))
    await Promise.all(asking)
  }

  #placesByLeader({ offsets }: Group): Map<number, PlaceQuestion[]> {
    const { cluster, catalog } = this.#options
    const byLeader = new Map<number, PlaceQuestion[]>()
    for (const [topic, partitions] of offsets.committed) {
      if (!catalog.topic(topic)) continue
      for (const [partition, { offset }] of partitions) {
        const leader = leaderOf(cluster.image, topic, partition)?.leader ?? null
        if (leader === null || leader === cluster.brokerId) continue
        const places = byLeader.get(leader) ?? []
        byLeader.set(leader, places)
        places.push({ topic, partition, offset })
      }
    }
    return byLeader
  }

  async #ask(leader: number, asked: readonly Asked[]): Promise<void> {
    const body = Buffer.from(JSON.stringify({ questions: asked.map(({ question }) => question) }))
    const request = { method: 'POST', path: lagPath, body }
    const answer = await this.#options.peers.ask(leader, 'questions', RivvenCall, request).catch(() => undefined)
    if (answer?.status !== 200 || !answer.body) return
    const { answers } = JSON.parse(answer.body.toString()) as { answers: LagAnswers }
    for (const [at, { group, question }] of asked.entries()) {
      const known = this.#answers.get(group)
      for (const [place, { topic, partition }] of question.places.entries()) {
        const found = answers[at]?.[place]
        if (found) known?.set(partitionKey(topic, partition), found)
      }
    }
  }
}

function keep(answers: Map<string, PlaceAnswer>, before: Map<string, PlaceAnswer> | undefined, key: string): void {
  const known = before?.get(key)
  if (known) answers.set(key, known)
}
