import { Problem } from '../problem.js'
import { type Scanned, type ScanOptions, scan } from './record-scan.js'
import type { RecordRow } from './record-shapes.js'

/**
 * The last wanted records. Offsets say how far back they can be at most, gaps and filters that it may be further: so it is looked
 * further back, twice as far each time, until there are enough of them.
 */
export async function newestRecords(options: ScanOptions, count: number): Promise<Scanned | Problem> {
  const { log, budget, isUncommitted } = options
  const end = isUncommitted ? log.highWatermark : log.lastStableOffset
  let rows: RecordRow[] = []
  let to = end
  for (let width = count; rows.length < count && to > log.logStartOffset; width *= 2) {
    if (budget.spent !== undefined) break
    const from = Math.max(log.logStartOffset, to - width)
    const found = await scan(options, { from, to, limit: Number.POSITIVE_INFINITY })
    if (found instanceof Problem) return found
    rows = [...found.rows, ...rows].slice(-count)
    to = from
  }
  return { rows, next: end }
}
