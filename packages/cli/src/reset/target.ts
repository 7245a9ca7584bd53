import { UsageError } from '../failure.js'

/** Where offsets go. */
export type Target =
  | { kind: 'earliest' | 'latest' | 'current' }
  | { kind: 'offset' | 'shift'; by: number }
  | { kind: 'time'; at: number }
  | { kind: 'file'; path: string }
  | { kind: 'group'; groupId: string }
  | { kind: 'snapshot'; id: number }

/** Those that say the same for all partitions. */
export type ComputedTarget = Exclude<Target, { kind: 'file' | 'group' | 'snapshot' }>

export interface TargetOptions {
  toEarliest?: boolean
  toLatest?: boolean
  toCurrent?: boolean
  toOffset?: number
  shiftBy?: number
  /** Milliseconds since 1970. */
  toDatetime?: number
  /** Milliseconds. */
  byDuration?: number
  fromFile?: string
  fromGroup?: string
  fromSnapshot?: number
}

const flags =
  '--to-earliest, --to-latest, --to-offset N, --to-datetime TIME, --by-duration 1h, --shift-by N, --to-current, --from-file FILE, --from-group G and --from-snapshot ID'

/** The one target that was given; `now` is the wall clock. */
export function targetOf(options: TargetOptions, now: number): Target {
  const { toOffset, shiftBy, toDatetime, byDuration, fromFile, fromGroup, fromSnapshot } = options
  const said: (Target | false | undefined)[] = [
    options.toEarliest && { kind: 'earliest' },
    options.toLatest && { kind: 'latest' },
    options.toCurrent && { kind: 'current' },
    toOffset !== undefined && { kind: 'offset', by: toOffset },
    shiftBy !== undefined && { kind: 'shift', by: shiftBy },
    toDatetime !== undefined && { kind: 'time', at: toDatetime },
    byDuration !== undefined && { kind: 'time', at: now - byDuration },
    fromFile !== undefined && { kind: 'file', path: fromFile },
    fromGroup !== undefined && { kind: 'group', groupId: fromGroup },
    fromSnapshot !== undefined && { kind: 'snapshot', id: fromSnapshot },
  ]
  const targets = said.filter((target): target is Target => Boolean(target))
  if (targets.length === 1) return targets[0]!
  throw new UsageError(`Say where to, once: one of ${flags}.`)
}
