import type { ScreenSize } from '../terminal/screen.js'
import { printable } from '../text/output.js'
import { drawGroup } from './draw-group.js'
import { drawList } from './draw-list.js'
import type { PictureLine } from './picture.js'
import type { WatchState } from './watch-state.js'

/** The whole screen: what is looked at, and at the bottom how it is and which keys there are. */
export function draw(state: WatchState, size: ScreenSize, now: number): PictureLine[] {
  const rows = Math.max(1, size.rows - 2)
  const body = state.opened === null ? drawList(state, rows) : drawGroup(state, state.opened, now)
  const lines = body.slice(0, rows)
  while (lines.length < rows) lines.push({ text: '' })
  return [...lines, { text: conditionOf(state, now) }, { text: keysOf(state) }]
}

function conditionOf({ isPaused, seenAt, trouble }: WatchState, now: number): string {
  const age = seenAt === null ? null : `as of ${new Date(seenAt).toISOString().slice(11, 19)} UTC`
  const parts = [isPaused ? 'PAUSED' : null, age, trouble === null ? null : `cannot look: ${printable(trouble)}`]
  const told = parts.filter((part) => part !== null)
  // The clock of somebody who pauses for a while goes on.
  const old = seenAt !== null && now - seenAt >= 10_000 ? [`${Math.round((now - seenAt) / 1_000)} s ago`] : []
  return told.length === 0 ? 'looking…' : [...told, ...old].join(' · ')
}

function keysOf({ opened }: WatchState): string {
  return opened === null
    ? 'q quit   ↑ ↓ choose   Enter look closer   s sort   p pause'
    : 'q quit   Esc back to the groups   p pause'
}
