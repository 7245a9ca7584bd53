import { RivvenError } from '@rivven/link'
import { offsetResets } from '../../diagnostics/channels.js'
import type { Cluster } from '../../net/cluster.js'
import { leaderEpochIn } from '../../net/cluster-image.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { PartitionState } from '../state/partition-state.js'
import type { EpochEnd, FoundOffset } from './ask-leaders.js'

export interface PlacingParts {
  cluster: Cluster
  settings: ConsumerSettings
}

/**
 * What answers make of a partition: where it begins, whether it may go on where it is, and what becomes of it where there is no
 * such place. Only a clear "there is no such offset" leads to a reset.
 */
export class Placing {
  readonly #parts: PlacingParts

  constructor(parts: PlacingParts) {
    this.#parts = parts
  }

  begin(state: PartitionState, offset: number, leaderEpoch: number): void {
    state.jump({ offset, leaderEpoch })
    const epoch = this.#leaderEpochOf(state)
    if (needsCheck(state, epoch)) state.phase = { kind: 'validate' }
    else state.leaderEpoch = epoch
  }

  noCommit(state: PartitionState): void {
    const { groupId } = this.#parts.settings
    const ofGroup = groupId === undefined ? '' : ` by group ${groupId}`
    const text = `No offset is committed${ofGroup} for ${state.topic}/${state.partition}.`
    this.#reset(state, () => this.#noOffset('NO_OFFSET_FOR_PARTITION', text, state))
  }

  /** Its place is no more. Who goes on elsewhere by itself says so: records may be left out, or come again. */
  lost(state: PartitionState, code: string, text: string): void {
    this.#reset(state, () => this.#noOffset(code, text, state), { lost: text })
  }

  /** Its topic was made anew, which is told elsewhere. */
  startOver(state: PartitionState, why: string): void {
    this.#reset(state, () => this.#noOffset('OFFSET_OUT_OF_RANGE', why, state))
  }

  /** The reset policy has found its place. */
  goOnAt(state: PartitionState, { offset, leaderEpoch }: FoundOffset): void {
    const { phase, topic, partition } = state
    const begin = Math.max(0, offset)
    state.jump({ offset: begin, leaderEpoch })
    state.leaderEpoch = this.#leaderEpochOf(state)
    if (phase.kind !== 'reset') return
    const { logger, groupId: group } = this.#parts.settings
    if (offsetResets.isHeard) {
      const who = { clientId: this.#parts.cluster.clientId, groupId: group ?? null }
      offsetResets.tell({ ...who, topic, partition, offset: begin, to: phase.to, lost: phase.lost ?? null })
    }
    if (!phase.lost) return
    const facts = { topic, partition, offset: begin, group }
    logger.warn(`${phase.lost} It is read on from offset ${begin} (autoOffsetReset ${phase.to}).`, facts)
  }

  /** The leader's log may end before the position: then what was read there is gone, replaced by other records. */
  compare(state: PartitionState, { leaderEpoch, endOffset }: EpochEnd): void {
    const at = state.fetchPosition
    if (!at) return
    if (leaderEpoch >= 0 && endOffset >= at.offset) {
      state.validated(this.#leaderEpochOf(state))
      return
    }
    const truncated = `The log of ${state.topic}/${state.partition} was truncated below offset ${at.offset}.`
    if (leaderEpoch < 0 || endOffset < 0 || this.#parts.settings.autoOffsetReset === 'none')
      this.lost(state, 'LOG_TRUNCATED', truncated)
    else this.begin(state, Math.min(endOffset, state.position?.offset ?? endOffset), leaderEpoch)
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

  #leaderEpochOf(state: PartitionState): number {
    return leaderEpochIn(this.#parts.cluster.image, state)
  }
}

/** Records of the current epoch can only be from its leader's log. */
export function needsCheck({ fetchPosition }: PartitionState, leaderEpoch: number): boolean {
  const known = fetchPosition?.leaderEpoch ?? -1
  return known >= 0 && leaderEpoch > known
}
