import { asRivvenError, isRetriable, RivvenError } from '@rivven/link'
import type { Cluster } from '../../net/cluster.js'
import { type ClusterImage, leaderEpochIn } from '../../net/cluster-image.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { Bell } from '../state/bell.js'
import type { PartitionPhase, PartitionState } from '../state/partition-state.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import type { TopicWatch } from '../state/topic-watch.js'
import type { Troubles } from '../state/troubles.js'
import {
  type Came,
  type EpochEnd,
  earliestTimestamp,
  epochEnds,
  type FoundOffset,
  type LeaderAnswers,
  latestTimestamp,
  listOffsets,
} from './ask-leaders.js'
import type { CommittedOffsets } from './committed-offsets.js'
import { LookupPause } from './lookup-pause.js'
import { needsCheck, Placing } from './placing.js'
import { TopicsMadeAnew } from './topics-made-anew.js'

export interface PositionsParts {
  cluster: Cluster
  settings: ConsumerSettings
  subscription: SubscriptionState
  committed: CommittedOffsets
  watch: TopicWatch
  troubles: Troubles
  bell: Bell
}

/**
 * Finds where each assigned partition begins: its committed offset, or the reset policy where there is none
 * (classic-groups §5.9), and checks positions when leaders change. What fails is tried again for ever, and told by poll when it
 * lasts.
 */
export class Positions {
  readonly #parts: PositionsParts
  readonly #placing: Placing
  readonly #madeAnew: TopicsMadeAnew
  readonly #pause: LookupPause
  /** What is being asked of partitions. */
  readonly #asked = new Map<PartitionState, PartitionPhase>()
  #isClosed = false

  constructor(parts: PositionsParts) {
    this.#parts = parts
    this.#placing = new Placing(parts)
    this.#pause = new LookupPause(parts)
    this.#madeAnew = new TopicsMadeAnew({ ...parts, reset: (state, why) => this.#placing.startOver(state, why) })
  }

  /** Looks up what is missing, in the background; throws for partitions that can have no position. */
  update(): void {
    const { cluster, subscription } = this.#parts
    this.#madeAnew.check(cluster.image)
    let isAnyPending = false
    for (const { phase } of subscription.assigned) {
      if (phase.kind === 'failed') throw phase.error
      if (phase.kind !== 'ready') isAnyPending = true
    }
    if (isAnyPending) this.#look()
    else this.#allFound()
  }

  /** The leader says that there is no such offset as the one fetched. */
  outOfRange(state: PartitionState): void {
    const place = `Offset ${state.fetchPosition?.offset} of ${state.topic}/${state.partition}`
    this.#placing.lost(state, 'OFFSET_OUT_OF_RANGE', `${place} does not exist (any more).`)
  }

  /**
   * New metadata: topics that were made anew are begun anew, and partitions whose leader changed are checked before they are
   * fetched on, where its epoch is known (KIP-320).
   */
  check(image: ClusterImage): void {
    this.#madeAnew.check(image)
    this.#pause.check()
    for (const state of this.#parts.subscription.assigned) {
      const epoch = leaderEpochIn(image, state)
      if (state.phase.kind !== 'ready' || epoch < 0 || epoch === state.leaderEpoch) continue
      if (needsCheck(state, epoch)) state.phase = { kind: 'validate' }
      else state.leaderEpoch = epoch
    }
  }

  close(): void {
    this.#isClosed = true
    this.#pause.end()
  }

  /** Asks for all that is not being asked for: what is assigned meanwhile does not wait for a broker that hangs. */
  #look(): void {
    const pending = [...this.#parts.subscription.assigned].filter(isPending)
    if (pending.length === 0) this.#allFound()
    if (this.#pause.isOn || this.#isClosed) return
    const waiting = pending
      .filter((state) => this.#asked.get(state) !== state.phase)
      .map((state) => ({ state, version: state.version, phase: state.phase }))
    const ask = (kind: PartitionPhase['kind'], how: (these: Waiting[]) => Promise<void>) => {
      const these = waiting.filter(({ phase }) => phase.kind === kind)
      if (these.length > 0) void this.#ask(these, how)
    }
    ask('committed', (these) => this.#lookUpCommitted(these))
    ask('reset', (these) => this.#lookUpResets(these))
    ask('validate', (these) => this.#validate(these))
  }

  async #ask(waiting: Waiting[], how: (these: Waiting[]) => Promise<void>): Promise<void> {
    const { cluster, bell } = this.#parts
    const startedAt = cluster.runtime.clock.monotonic()
    for (const { state, phase } of waiting) this.#asked.set(state, phase)
    try {
      await how(waiting)
    } catch (error) {
      if (!this.#isClosed) this.#failed(asRivvenError(error, 'Looking up positions'), startedAt)
    } finally {
      for (const { state, phase } of waiting) if (this.#asked.get(state) === phase) this.#asked.delete(state)
      this.#look()
      bell.ring()
    }
  }

  #failed(error: RivvenError, startedAt: number): void {
    const { troubles, watch } = this.#parts
    if (isRetriable(error)) troubles.failed('positions', error, startedAt)
    else troubles.report(error)
    // What comes of the refresh may end the pause.
    if (!this.#pause.isOn) this.#pause.begin(error)
    watch.refreshSoon()
  }

  #allFound(): void {
    this.#parts.troubles.isWell('positions')
    this.#pause.succeeded()
  }

  async #lookUpCommitted(waiting: Waiting[]): Promise<void> {
    const { subscription, committed, settings } = this.#parts
    if (settings.groupId === undefined) {
      for (const { state } of waiting) this.#placing.noCommit(state)
      return
    }
    const found = await committed.ask(waiting.map(({ state }) => state))
    for (const { topic, partition, offset, leaderEpoch } of found) {
      const state = subscription.of(topic, partition)
      const asked = waiting.find((entry) => entry.state === state)
      if (!state || !asked || asked.version !== state.version) continue
      state.committedOffset = offset
      if (offset >= 0) this.#placing.begin(state, offset, leaderEpoch)
      else this.#placing.noCommit(state)
    }
  }

  async #lookUpResets(waiting: Waiting[]): Promise<void> {
    const { cluster, settings } = this.#parts
    await this.#knowLeaders(waiting)
    const questions = waiting.map(({ state, phase }) => {
      const isEarliest = phase.kind === 'reset' && phase.to === 'earliest'
      return {
        topic: state.topic,
        partition: state.partition,
        timestamp: isEarliest ? earliestTimestamp : latestTimestamp,
      }
    })
    const came = this.#takerOf<FoundOffset>(waiting, (state, found) => this.#placing.goOnAt(state, found))
    this.#mustBeTaken(waiting, await listOffsets(cluster, questions, settings.isolationLevel, came))
  }

  async #validate(waiting: Waiting[]): Promise<void> {
    const { cluster } = this.#parts
    await this.#knowLeaders(waiting)
    const questions = waiting.map(({ state: { topic, partition, fetchPosition } }) => {
      return { topic, partition, leaderEpoch: fetchPosition?.leaderEpoch ?? -1 }
    })
    const came = this.#takerOf<EpochEnd>(waiting, (state, end) => this.#placing.compare(state, end))
    const answers = await epochEnds(cluster, questions, (ofLeader) => {
      for (const [key, answer] of ofLeader) if (isUnsupported(answer)) ofLeader.set(key, unchecked)
      came(ofLeader)
    })
    this.#mustBeTaken(waiting, answers)
  }

  /** Takes what a leader answers when it does: one that hangs holds up nobody else's partitions. */
  #takerOf<Value extends object>(
    waiting: readonly Waiting[],
    take: (state: PartitionState, value: Value) => void,
  ): Came<Value> {
    return (answers) => {
      for (const one of waiting) {
        const answer = answers.get(one.state.key)
        if (answer && !(answer instanceof RivvenError) && isStillAsked(one)) take(one.state, answer)
      }
      this.#parts.bell.ring()
    }
  }

  /** Throws an error if there was one, of a partition that was not moved meanwhile. */
  #mustBeTaken(waiting: readonly Waiting[], answers: LeaderAnswers<object>): void {
    const asked = waiting.filter(isStillAsked)
    const errors = asked.map(({ state }) => answers.get(state.key)).filter((answer) => answer instanceof RivvenError)
    const failure = errors.find(({ retriable }) => !retriable) ?? errors.at(-1)
    if (failure) throw failure
  }

  async #knowLeaders(waiting: readonly Waiting[]): Promise<void> {
    await this.#parts.watch.ask([...new Set(waiting.map(({ state }) => state.topic))])
  }
}

interface Waiting {
  state: PartitionState
  version: number
  phase: PartitionPhase
}

function isPending({ phase }: PartitionState): boolean {
  return phase.kind !== 'ready' && phase.kind !== 'failed'
}

function isStillAsked({ state, version, phase }: Waiting): boolean {
  return state.isAssigned && state.version === version && state.phase === phase
}

/** A broker that cannot say where epochs end is believed. */
const unchecked: EpochEnd = { leaderEpoch: 0, endOffset: Number.POSITIVE_INFINITY }

function isUnsupported(answer: EpochEnd | RivvenError): boolean {
  return answer instanceof RivvenError && answer.code === 'UNSUPPORTED_BY_BROKER'
}
