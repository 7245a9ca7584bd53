/** Offsets of a group that an operator wants to move, all of them or none. */
export interface Reset {
  /** Told to the broker as the reason, so that its snapshot is known by it. */
  readonly id: string
  readonly group: string
  readonly moves: readonly OffsetMove[]
}

export interface OffsetMove {
  readonly topic: string
  readonly partition: number
  /** -1: it is to be forgotten. */
  readonly offset: number
}

/** What an operator asks for and is told. */
export type SeenOfResets =
  /**
   * refused: nothing was changed, and nothing will be. lost: nobody knows. done: with the generation from which on the new offsets
   * count.
   */
  | {
      readonly kind: 'reset'
      readonly step: 'asked' | 'done' | 'refused' | 'lost'
      readonly reset: Reset
      readonly generation?: number
    }
  /** The snapshots of a group: ids of resets, and the generation that each names. */
  | { readonly kind: 'snapshots'; readonly group: string; readonly kept: ReadonlyMap<string, number> }
  /** The last time. */
  | { readonly kind: 'resets listed'; readonly group: string }
