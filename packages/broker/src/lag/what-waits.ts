import type { Arrival } from '../log/arrival/arrival.js'
import type { ReaderPlace, Waiting } from '../log/arrival/waiting.js'
import type { Standing } from './standings.js'

/** So many looks at stored batches are made for one answer, or one pass over all groups; of the rest a guess is told. */
export const mostLooks = 2_000

export interface Looks {
  left: number
}

/** What of a standing says what waits. */
export type Place = Pick<Standing, 'log' | 'elsewhere' | 'logEndOffset' | 'lag'> & {
  readonly committed: { readonly offset: number }
}

export type Isolation = ReaderPlace['isolation']

/** What waits for a group, from memory; undefined: not without a look; null: nobody here knows. */
export function knownWaiting(standing: Place, isolation: Isolation): Waiting | undefined | null {
  const { log, committed } = standing
  if (!log) return elsewhere(standing)
  return log.isReadable ? log.waiting({ offset: committed.offset, isolation }) : null
}

/** Nobody waits for what is not there; all else the leader knows. */
function elsewhere({ lag, logEndOffset, elsewhere, committed }: Place): Waiting | null {
  if (lag <= 0 || elsewhere?.waits === null) return { kind: 'nothing', end: logEndOffset }
  return elsewhere ? { kind: 'batch', baseOffset: committed.offset, arrival: elsewhere.waits } : null
}

/** The same by the batches that are stored, to the millisecond where producers have honest clocks. */
export async function exactWaiting(standing: Place, isolation: Isolation, looks: Looks): Promise<Waiting | null> {
  const known = knownWaiting(standing, isolation)
  const { log, committed } = standing
  if (!log || known === null || (known && (known.kind === 'nothing' || known.arrival.isExact))) return known ?? null
  return (await look({ log, place: { offset: committed.offset, isolation } }, looks)) ?? known ?? null
}

/** The first batch of the open transactions that hold back all a reader of committed records waits for. */
export async function heldBackBy(standing: Place, isolation: Isolation, looks: Looks): Promise<Arrival | null> {
  const { log, logEndOffset } = standing
  if (!log) return standing.elsewhere?.heldBack ?? null
  if (!log.isReadable || isolation === 'uncommitted' || log.lastStableOffset >= logEndOffset) return null
  const first = await look({ log, place: { offset: log.lastStableOffset, isolation: 'uncommitted' } }, looks)
  return first?.kind === 'batch' ? first.arrival : null
}

interface Look {
  readonly log: NonNullable<Standing['log']>
  readonly place: ReaderPlace
}

/** Null: what is stored cannot be read. */
export async function look({ log, place }: Look, looks: Looks): Promise<Waiting | null> {
  if (looks.left <= 0) return log.guessWaiting(place)
  looks.left--
  return log.lookForWaiting(place).catch(() => null)
}
