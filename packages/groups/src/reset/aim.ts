/** Where the offset of a partition is to go. What depends on the moment is known when the offsets change, and no sooner. */
export type Aim =
  | { readonly kind: 'earliest' | 'current' | 'forget' }
  /** `note`: why there, where that was not asked for. */
  | { readonly kind: 'latest'; readonly note?: string }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'shift'; readonly by: number }
  /** It stays as it is, for the reason in `note`. */
  | { readonly kind: 'stay'; readonly note: string }

/** What a partition holds: its first offset, and the one behind its last record. */
export interface LogLimits {
  readonly start: number
  readonly end: number
}

export interface Resolved {
  /** Null: what is committed is forgotten. */
  readonly offset: number | null
  /** Why it is not what was asked for; null: it is. */
  readonly note: string | null
  /** False: nothing is done there. */
  readonly isChange: boolean
}

/** The offset that an aim means now, kept within what the partition holds. `committed`: null where there is none. */
export function resolveAim(aim: Aim, committed: number | null, limits: LogLimits): Resolved {
  const to = (offset: number, note: string | null = null) => ({ ...within(limits, offset, note), isChange: true })
  const stays = (note: string) => ({ offset: committed, note, isChange: false })
  switch (aim.kind) {
    case 'earliest':
      return to(limits.start)
    case 'latest':
      return to(limits.end, aim.note)
    case 'current':
      return committed === null ? to(limits.end, 'nothing was committed: latest') : to(committed)
    case 'offset':
      return to(aim.offset)
    case 'shift':
      return committed === null ? stays('nothing is committed there to shift from') : to(committed + aim.by)
    case 'forget':
      return { offset: null, note: null, isChange: true }
    case 'stay':
      return stays(aim.note)
  }
}

function within({ start, end }: LogLimits, offset: number, note: string | null) {
  if (offset < start) return { offset: start, note: `${offset} is before the first record` }
  if (offset > end) return { offset: end, note: `${offset} is behind the end` }
  return { offset, note }
}
