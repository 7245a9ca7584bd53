import type { GroupDescription, RebalanceStory } from '@rivven/client'
import type { LagRow } from '../lag/lag-row.js'
import type { Key } from '../terminal/screen.js'

/** One line of the list. What is not known of Apache Kafka is null. */
export interface GroupLine {
  readonly groupId: string
  readonly state: string | null
  readonly memberCount: number | null
  readonly lag: number | null
  readonly lagSeconds: number | null
  readonly status: string | null
  readonly catchUpSeconds: number | null
  readonly eta: string | null
}

/** One group, closer. */
export interface GroupView {
  readonly group: GroupDescription
  readonly rows: readonly LagRow[]
  /** The last one; null: none is known. */
  readonly rebalance: RebalanceStory | null
}

export const sorts = ['lag', 'lagSeconds', 'status', 'group'] as const
export type Sort = (typeof sorts)[number]

/** All that is drawn. */
export interface WatchState {
  readonly lines: readonly GroupLine[]
  /** How many groups there are, also those that are not in the list. */
  readonly total: number
  readonly sort: Sort
  /** The group that the cursor is on; null: on the first. */
  readonly cursor: string | null
  /** The group that is looked at closer; null: the list is looked at. */
  readonly opened: string | null
  readonly view: GroupView | null
  readonly isPaused: boolean
  /** When what is shown was so, in milliseconds since 1970; null: nothing is there yet. */
  readonly seenAt: number | null
  /** Why the last look failed; null: it did not. What was seen before stays. */
  readonly trouble: string | null
}

export function stateAtFirst(opened: string | null): WatchState {
  const nothing = { lines: [], total: 0, view: null, seenAt: null, trouble: null }
  return { ...nothing, sort: 'lag', cursor: null, opened, isPaused: false }
}

/** What a key does; undefined: it ends all. */
export function pressed(state: WatchState, key: Key): WatchState | undefined {
  switch (key) {
    case 'q':
      return undefined
    case 'p':
      return { ...state, isPaused: !state.isPaused }
    default:
      return state.opened === null ? pressedInList(state, key) : pressedInGroup(state, key)
  }
}

function pressedInList(state: WatchState, key: Key): WatchState {
  switch (key) {
    case 'up':
      return moved(state, -1)
    case 'down':
      return moved(state, 1)
    case 's':
      return { ...state, sort: sorts[(sorts.indexOf(state.sort) + 1) % sorts.length]! }
    case 'enter': {
      const line = state.lines[cursorAt(state)]
      return line ? { ...state, opened: line.groupId, view: null, cursor: line.groupId } : state
    }
    default:
      return state
  }
}

function pressedInGroup(state: WatchState, key: Key): WatchState {
  return key === 'escape' || key === 'enter' ? { ...state, opened: null, view: null } : state
}

function moved(state: WatchState, by: number): WatchState {
  const at = Math.min(Math.max(cursorAt(state) + by, 0), state.lines.length - 1)
  return { ...state, cursor: state.lines[at]?.groupId ?? null }
}

/** The cursor stays on its group, wherever that goes; on the first one when it is gone. */
export function cursorAt({ lines, cursor }: WatchState): number {
  return Math.max(
    0,
    lines.findIndex(({ groupId }) => groupId === cursor),
  )
}
