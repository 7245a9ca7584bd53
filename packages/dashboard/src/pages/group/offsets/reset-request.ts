import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { count } from '../../../text/format.js'
import { timeIn } from '../../topic/records/records-query.js'

/** What was chosen in the dialog. */
export interface ResetForm {
  readonly to: ResetTarget
  /** A time, an offset or a number of records, as it was typed. */
  readonly text: string
  /** Empty: wherever the group has committed. */
  readonly topic: string
  /** Are members asked to hand over, or put out at once? */
  readonly handsOver: boolean
  readonly reason: string
}

export type ResetTarget = 'time' | 'earliest' | 'latest' | 'shift' | 'offset'

export const targets: readonly { readonly to: ResetTarget; readonly label: string; readonly asks?: string }[] = [
  { to: 'time', label: 'the first record since', asks: 'Time (UTC), as 2026-01-31 18:00' },
  { to: 'earliest', label: 'the first record there is' },
  { to: 'latest', label: 'behind the last record' },
  { to: 'shift', label: 'so many records on', asks: 'Records; below 0: back' },
  { to: 'offset', label: 'an offset', asks: 'Offset' },
]

export const usualForm: ResetForm = { to: 'time', text: '', topic: '', handsOver: true, reason: '' }

/** How long members have. */
export const handoverMs = 30_000

type Body = Readonly<Record<string, unknown>>

/** What `POST …/resets` is sent; a sentence: what is missing in what was chosen. `isLive`: the group has members. */
export function bodyOf(form: ResetForm, isLive: boolean): Body | string {
  const target = targetOf(form)
  if (typeof target === 'string') return target
  const { topic, reason } = form
  return {
    ...{ to: form.to, ...target },
    ...(topic !== '' && { topics: [{ topic }] }),
    ...(reason !== '' && { reason }),
    ...liveFields(form, isLive),
  }
}

function liveFields({ handsOver }: Pick<ResetForm, 'handsOver'>, isLive: boolean): Body {
  return isLive ? { live: true, handoverMs: handsOver ? handoverMs : 0 } : {}
}

function targetOf({ to, text }: ResetForm): Body | string {
  switch (to) {
    case 'earliest':
    case 'latest':
      return {}
    case 'time': {
      const time = timeIn(text)
      return time === undefined ? 'Say since when, as 2026-01-31 18:00.' : { time }
    }
    case 'shift':
      return /^[+-]?\d{1,15}$/.test(text.trim()) ? { shift: Number(text) } : 'Say how many records, as -100.'
    case 'offset':
      return /^\d{1,15}$/.test(text.trim()) ? { offset: Number(text) } : 'Say which offset.'
  }
}

/** Back to what was before a change; it is a change itself, and can be undone. */
export function undoBody(snapshot: number, isLive: boolean): Body {
  return { to: 'snapshot', snapshot, create: true, ...liveFields({ handsOver: true }, isLive) }
}

/** The command that does the same; what is not chosen yet stands there in capitals. */
export function resetCommand(group: string, form: ResetForm, isLive: boolean): string {
  const { topic, handsOver, reason } = form
  return commandText(
    'group reset-offsets',
    [group],
    [
      ...(topic === '' ? ['--all-topics'] : ['--topic', topic]),
      ...targetFlags(form),
      ...(isLive ? ['--live'] : []),
      ...(isLive && !handsOver ? ['--handover', '0'] : []),
      ...(reason === '' ? [] : ['--reason', reason]),
    ],
  )
}

function targetFlags({ to, text }: ResetForm): string[] {
  switch (to) {
    case 'earliest':
    case 'latest':
      return [`--to-${to}`]
    case 'time': {
      const time = timeIn(text)
      return ['--to-datetime', time === undefined ? 'TIME' : new Date(time).toISOString()]
    }
    case 'shift':
      return ['--shift-by', text.trim() || 'N']
    case 'offset':
      return ['--to-offset', text.trim() || 'N']
  }
}

export function undoCommand(group: string, snapshot: number, isLive: boolean): string {
  return commandText('group undo', [group, String(snapshot)], isLive ? ['--live'] : [])
}

type Plan = ApiAnswers.GroupReset
type Change = Plan['changes'][number]

/** `−1,325`, `+20`, `none`; where nothing was or will be committed: `new`, `forgotten`. */
export function movesText({ oldOffset, newOffset }: Pick<Change, 'oldOffset' | 'newOffset'>): string {
  if (oldOffset === null) return newOffset === null ? 'none' : 'new'
  if (newOffset === null) return 'forgotten'
  const by = newOffset - oldOffset
  if (by === 0) return 'none'
  return by > 0 ? `+${count(by)}` : `−${count(-by)}`
}

/** What the plan would do to those who read. */
export function consequenceText(plan: Pick<Plan, 'changes' | 'memberCount'>, { handsOver }: ResetForm): string {
  const { again, skipped } = recordsOf(plan.changes)
  const effects = [
    ...(again > 0 ? [`${count(again)} ${records(again)} will be read again`] : []),
    ...(skipped > 0 ? [`${count(skipped)} ${records(skipped)} will not be read`] : []),
  ]
  const effect = effects.length === 0 ? 'Nothing is read again and nothing skipped.' : `${effects.join(', ')}.`
  return `${whoText(plan.memberCount, handsOver)} ${effect}`
}

function whoText(members: number, handsOver: boolean): string {
  if (members === 0) return 'The group has no members: the offsets change at once.'
  const who = members === 1 ? '1 member is' : `${count(members)} members are`
  return handsOver
    ? `${who} asked to hand over within ${handoverMs / 1000} s; what they are doing is committed first, then read again from the new offsets.`
    : `${who} put out at once, to join anew; what is being done is not committed.`
}

function recordsOf(changes: readonly Change[]): { again: number; skipped: number } {
  let again = 0
  let skipped = 0
  for (const { oldOffset, newOffset } of changes) {
    if (oldOffset === null || newOffset === null) continue
    if (newOffset < oldOffset) again += oldOffset - newOffset
    else skipped += newOffset - oldOffset
  }
  return { again, skipped }
}

function records(count: number): string {
  return count === 1 ? 'record' : 'records'
}

/** What was done, in one sentence. */
export function doneText({
  mode,
  fenced,
  generation,
  changes,
}: Pick<Plan, 'mode' | 'fenced' | 'generation' | 'changes'>): string {
  const moved = changes.filter(({ oldOffset, newOffset }) => oldOffset !== newOffset).length
  const what = `${count(moved)} ${moved === 1 ? 'offset was' : 'offsets were'} moved`
  if (mode === 'empty') return `${what}.`
  const out = fenced.length === 0 ? '' : ` ${fenced.map(({ clientId }) => clientId).join(', ')} had to join anew.`
  return `${what}: ${mode}, generation ${count(generation)}.${out}`
}
