import { sqlState } from '../connection/outcome.js'

/** Where the batches of a chunk lie. */
export function batchTable(chunk: number): string {
  return `batch_${chunk}`
}

/**
 * The segment is there, or went less than a minute ago: what is left of others in a chunk goes with it, and is not to be seen until then. As
 * a condition of a query.
 */
export function isThere(segmentId: number | string): string {
  return `(exists (select 1 from segment where seg_id = ${segmentId})
    or exists (select 1 from dead_segment where seg_id = ${segmentId}))`
}

/** For a call to which a chunk that was dropped is as good as an empty one. */
export async function unlessDropped<Answer>(chunk: number, asked: Promise<Answer>, none: Answer): Promise<Answer> {
  try {
    return await asked
  } catch (error) {
    if (isDropped(error, chunk)) return none
    throw error
  }
}

export function isDropped(error: unknown, chunk: number): boolean {
  // In whichever language the server says it.
  return sqlState(error) === '42P01' && new RegExp(`\\b${batchTable(chunk)}\\b`).test((error as Error).message)
}
