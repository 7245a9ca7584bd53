import type { ScreenSize } from '../terminal/screen.js'
import { printable } from '../text/output.js'

/** A line of a screen; `isMarked`: light and dark are the other way round. */
export interface PictureLine {
  readonly text: string
  readonly isMarked?: boolean
}

/** Cells one below the other; numbers are at the right of their column. */
export function columnsOf(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => shown(row[at]).length)))
  return rows.map((row) =>
    row
      .map((cell, at) =>
        typeof cell === 'number' ? shown(cell).padStart(widths[at]!) : shown(cell).padEnd(widths[at]!),
      )
      .join('  ')
      .trimEnd(),
  )
}

function shown(cell: string | number | undefined): string {
  return cell === undefined ? '' : printable(String(cell))
}

const home = '\u001b[H'
const toEndOfLine = '\u001b[K'
const toEndOfScreen = '\u001b[J'

/** What a terminal is sent to show these lines and nothing else: lines are cut to its width, and as many as it has are shown. */
export function painted(lines: readonly PictureLine[], { columns, rows }: ScreenSize): string {
  const fitting = lines.slice(0, rows).map(({ text, isMarked }) => {
    const cut = text.slice(0, Math.max(0, columns))
    return isMarked ? `\u001b[7m${cut.padEnd(columns)}\u001b[0m` : `${cut}${toEndOfLine}`
  })
  return `${home}${fitting.join('\r\n')}${toEndOfScreen}`
}

/** Another page than that of the shell, without a cursor; what was there before comes back at the end. */
export const enterScreen = '\u001b[?1049h\u001b[?25l'
export const leaveScreen = '\u001b[?25h\u001b[?1049l'
