import { asRivvenError, isRetriable, RivvenError } from '@rivven/link'
import type { Cluster } from '../../net/cluster.js'
import { type ClusterImage, partitionOf } from '../../net/cluster-image.js'
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
 * (classic-groups §5.9), and checks positions when leaders change. Only a clear "there is no such offset" leads to a
 * reset; any other failure is tried again for ever, and told by poll when it lasts.
 */
export class Positions {
  readonly #parts: PositionsParts
  readonly #madeAnew: TopicsMadeAnew
  readonly #pause: LookupPause
  #running = false
  #isClosed = false

  constructor(parts: PositionsParts) {
    this.#parts = parts
    this.#pause = new LookupPause(parts)
    this.#madeAnew = new TopicsMadeAnew({
      ...parts,
      reset: (state, why) => this.#reset(state, () => this.#noOffset('OFFSET_OUT_OF_RANGE', why, state)),
    })
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
    if (!isAnyPending) this.#parts.troubles.isWell('positions')
    else if (!this.#running && !this.#pause.isOn && !this.#isClosed) void this.#run()
  }

  /** The leader says that there is no such offset as the one fetched. */
  outOfRange(state: PartitionState): void {
    const place = `Offset ${state.fetchPosition?.offset} of ${state.topic}/${state.partition}`
    this.#lost(state, 'OFFSET_OUT_OF_RANGE', `${place} does not exist (any more).`)
  }

  /**
   * New metadata: topics that were made anew are begun anew, and partitions whose leader changed are checked before they are
   * fetched on, where its epoch is known (KIP-320).
   */
  check(image: ClusterImage): void {
    this.#madeAnew.check(image)
    this.#pause.check()
    for (const state of this.#parts.subscription.assigned) {
      const topic = image.topics.get(state.topic)
      const epoch = topic ? (partitionOf(topic, state.partition)?.leaderEpoch ?? -1) : -1
      if (state.phase.kind !== 'ready' || epoch < 0 || epoch === state.leaderEpoch) continue
      if (needsCheck(state, epoch)) state.phase = { kind: 'validate' }
      else state.leaderEpoch = epoch
    }
  }

  close(): void {
    this.#isClosed = true
    this.#pause.end()
  }

  async #run(): Promise<void> {
    const { cluster, troubles, bell } = this.#parts
    const startedAt = cluster.runtime.clock.monotonic()
    this.#running = true
    try {
      await this.#lookUpCommitted()
      await Promise.all([this.#lookUpResets(), this.#validate()])
      troubles.isWell('positions')
      this.#pause.succeeded()
    } catch (error) {
      if (!this.#isClosed) this.#failed(asRivvenError(error, 'Looking up positions'), startedAt)
    } finally {
      this.#running = false
      bell.ring()
    }
  }

  #failed(error: RivvenError, startedAt: number): void {
    const { troubles, watch } = this.#parts
    if (isRetriable(error)) troubles.failed('positions', error, startedAt)
    else troubles.report(error)
    // What comes of the refresh may end the pause.
    this.#pause.begin(error)
    watch.refreshSoon()
  }

  async #lookUpCommitted(): Promise<void> {
    const { subscription, committed, settings } = this.#parts
    const waiting = this.#inPhase('committed')
    if (waiting.length === 0) return
    if (settings.groupId === undefined) {
      for (const { state } of waiting) this.#noCommit(state)
      return
    }
    const found = await committed.ask(waiting.map(({ state }) => state))
    for (const { topic, partition, offset, leaderEpoch } of found) {
      const state = subscription.of(topic, partition)
      const asked = waiting.find((entry) => entry.state === state)
      if (!state || !asked || asked.version !== state.version) continue
      state.committedOffset = offset
      if (offset >= 0) this.#begin(state, offset, leaderEpoch)
      else this.#noCommit(state)
    }
  }

  async #lookUpResets(): Promise<void> {
    const { cluster, settings } = this.#parts
    const waiting = this.#inPhase('reset')
    if (waiting.length === 0) return
    await this.#knowLeaders(waiting)
    const questions = waiting.map(({ state, phase }) => {
      const isEarliest = phase.kind === 'reset' && phase.to === 'earliest'
      return {
        topic: state.topic,
        partition: state.partition,
        timestamp: isEarliest ? earliestTimestamp : latestTimestamp,
      }
    })
    const came = this.#takerOf<FoundOffset>(waiting, (state, found) => this.#goOnAt(state, found))
    this.#mustBeTaken(waiting, await listOffsets(cluster, questions, settings.isolationLevel, came))
  }

  async #validate(): Promise<void> {
    const { cluster } = this.#parts
    const waiting = this.#inPhase('validate')
    if (waiting.length === 0) return
    await this.#knowLeaders(waiting)
    const questions = waiting.map(({ state: { topic, partition, fetchPosition } }) => {
      return { topic, partition, leaderEpoch: fetchPosition?.leaderEpoch ?? -1 }
    })
    const came = this.#takerOf<EpochEnd>(waiting, (state, end) => this.#compare(state, end))
    const answers = await epochEnds(cluster, questions, (ofLeader) => {
      for (const [key, answer] of ofLeader) if (isUnsupported(answer)) ofLeader.set(key, unchecked)
      came(ofLeader)
    })
    this.#mustBeTaken(waiting, answers)
  }

  /** The leader's log may end before the position: then what was read there is gone, replaced by other records. */
  #compare(state: PartitionState, { leaderEpoch, endOffset }: EpochEnd): void {
    const at = state.fetchPosition
    if (!at) return
    if (leaderEpoch >= 0 && endOffset >= at.offset) {
      state.validated(this.#leaderEpochOf(state))
      return
    }
    const truncated = `The log of ${state.topic}/${state.partition} was truncated below offset ${at.offset}.`
    if (leaderEpoch < 0 || endOffset < 0 || this.#parts.settings.autoOffsetReset === 'none')
      this.#lost(state, 'LOG_TRUNCATED', truncated)
    else this.#begin(state, Math.min(endOffset, state.position?.offset ?? endOffset), leaderEpoch)
  }

  #begin(state: PartitionState, offset: number, leaderEpoch: number): void {
    state.jump({ offset, leaderEpoch })
    const epoch = this.#leaderEpochOf(state)
    if (needsCheck(state, epoch)) state.phase = { kind: 'validate' }
    else state.leaderEpoch = epoch
  }

  #noCommit(state: PartitionState): void {
    const { groupId } = this.#parts.settings
    this.#reset(state, () => {
      const ofGroup = groupId === undefined ? '' : ` by group ${groupId}`
      const text = `No offset is committed${ofGroup} for ${state.topic}/${state.partition}.`
      return this.#noOffset('NO_OFFSET_FOR_PARTITION', text, state)
    })
  }

  /** Its place is no more. Who goes on elsewhere by itself says so: records may be left out, or come again. */
  #lost(state: PartitionState, code: string, text: string): void {
    this.#reset(state, () => this.#noOffset(code, text, state), { lost: text })
  }

  #goOnAt(state: PartitionState, { offset, leaderEpoch }: FoundOffset): void {
    const { phase, topic, partition } = state
    const begin = Math.max(0, offset)
    state.jump({ offset: begin, leaderEpoch })
    state.leaderEpoch = this.#leaderEpochOf(state)
    if (phase.kind !== 'reset' || !phase.lost) return
    const { logger, groupId: group } = this.#parts.settings
    const facts = { topic, partition, offset: begin, group }
    logger.warn(`${phase.lost} It is read on from offset ${begin} (autoOffsetReset ${phase.to}).`, facts)
  }

  #reset(state: PartitionState, otherwise: () => RivvenError, why: { lost?: string } = {}): void {
    const to = this.#parts.settings.autoOffsetReset
    state.lookUp(to === 'none' ? { kind: 'failed', error: otherwise() } : { kind: 'reset', to, ...why })
  }

  #noOffset(code: string, text: string, { topic, partition, fetchPosition }: PartitionState): RivvenError {
    return new RivvenError(code, `${text} autoOffsetReset is none.`, {
      hint: 'Seek to where this consumer shall read on, or set autoOffsetReset.',
      facts: { topic, partition, offset: fetchPosition?.offset, group: this.#parts.settings.groupId },
    })
  }

  #inPhase(kind: PartitionPhase['kind']): Waiting[] {
    return [...this.#parts.subscription.assigned]
      .filter((state) => state.phase.kind === kind)
      .map((state) => ({ state, version: state.version, phase: state.phase }))
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

  #leaderEpochOf({ topic, partition }: PartitionState): number {
    const image = this.#parts.cluster.image.topics.get(topic)
    return (image && partitionOf(image, partition)?.leaderEpoch) ?? -1
  }
}

interface Waiting {
  state: PartitionState
  version: number
  phase: PartitionPhase
}

function isStillAsked({ state, version, phase }: Waiting): boolean {
  return state.isAssigned && state.version === version && state.phase === phase
}

/** Records of the current epoch can only be from its leader's log. */
function needsCheck({ fetchPosition }: PartitionState, leaderEpoch: number): boolean {
  const known = fetchPosition?.leaderEpoch ?? -1
  return known >= 0 && leaderEpoch > known
}

/** A broker that cannot say where epochs end is believed. */
const unchecked: EpochEnd = { leaderEpoch: 0, endOffset: Number.POSITIVE_INFINITY }

function isUnsupported(answer: EpochEnd | RivvenError): boolean {
  return answer instanceof RivvenError && answer.code === 'UNSUPPORTED_BY_BROKER'
}
