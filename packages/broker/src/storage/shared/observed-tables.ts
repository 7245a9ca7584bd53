import type { Clock } from '@rivven/runtime'
import { isPassing } from '../../database/database-error.js'
import type { LogTables } from '../../database/log-tables.js'
import type { StorageFigures } from './storage-figures.js'

/** The same calls, and what becomes of them is counted. */
export function observedTables(tables: LogTables, figures: StorageFigures, clock: Clock): LogTables {
  const seen = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await call()
      figures.answered()
      return answer
    } catch (error) {
      if (isPassing(error)) figures.failed()
      throw error
    }
  }
  const timed = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    const since = clock.monotonic()
    const answer = await seen(call)
    figures.appendSeconds.add((clock.monotonic() - since) / 1_000)
    return answer
  }
  return {
    load: (...given) => seen(() => tables.load(...given)),
    heads: (...given) => seen(() => tables.heads(...given)),
    append: (...given) => timed(() => tables.append(...given)),
    stored: (...given) => seen(() => tables.stored(...given)),
    checkpoint: (...given) => seen(() => tables.checkpoint(...given)),
    writeSegment: (...given) => seen(() => tables.writeSegment(...given)),
    swapSegments: (...given) => seen(() => tables.swapSegments(...given)),
    read: (...given) => seen(() => tables.read(...given)),
    firstOffsetAt: (...given) => seen(() => tables.firstOffsetAt(...given)),
    sweep: () => seen(() => tables.sweep()),
  }
}
