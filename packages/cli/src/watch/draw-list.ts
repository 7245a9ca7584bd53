import { catchUpText } from '../lag/lag-row.js'
import { durationText } from '../text/durations.js'
import { counted } from '../text/words.js'
import { columnsOf, type PictureLine } from './picture.js'
import { cursorAt, type GroupLine, type Sort, type WatchState } from './watch-state.js'

const sortWords: Readonly<Record<Sort, string>> = {
  lag: 'most records behind first',
  lagSeconds: 'longest behind first',
  status: 'worst status first',
  group: 'by name',
}

/** Groups, a line each, those around the cursor where they are more than there is room for. */
export function drawList(state: WatchState, rows: number): PictureLine[] {
  const { lines, total, sort, seenAt } = state
  const head = { text: `${counted(total, 'group')}, ${sortWords[sort]}` }
  if (lines.length === 0) return seenAt === null ? [] : [head, { text: 'No group is here.' }]
  const [titles, ...texts] = columnsOf([
    ['GROUP', 'STATE', 'MEMBERS', 'LAG', 'BEHIND', 'CATCH-UP', 'STATUS'],
    ...lines.map(cellsOf),
  ])
  const cursor = cursorAt(state)
  const room = Math.max(1, rows - 2)
  const from = Math.max(0, Math.min(cursor - Math.floor(room / 2), texts.length - room))
  const shown = texts.slice(from, from + room).map((text, at) => ({ text, isMarked: from + at === cursor }))
  return [head, { text: titles! }, ...shown]
}

function cellsOf(line: GroupLine) {
  const { groupId, state, memberCount, lag, lagSeconds, status } = line
  return [
    groupId,
    state ?? '-',
    memberCount ?? '-',
    lag ?? '-',
    lagSeconds === null ? '-' : durationText(lagSeconds * 1_000),
    catchUpText(line) ?? '-',
    status ?? '-',
  ]
}
