import { CHANNEL } from '../names.js'

/**
 * Comes first in a statement that changes metadata: all who do so wait for each other here, and what follows in the same transaction sees
 * all that came before. Both travel as one text, so that no lock outlives the answer.
 */
export const LOCK = 'select 1 from cluster for update'

/**
 * Parts of a statement that changes metadata where changes, a part of it, has rows: the version that it takes (next, as version),
 * and that it takes it.
 */
export function versionTaken(changes: string, alsoSet = ''): string {
  return `next as (select version + 1 as version from cluster),
    ver as (update cluster set version = version + 1${alsoSet} where exists (select 1 from ${changes}) returning version)`
}

/** Columns of its answer: the version of the metadata, with the change, of which everybody is told. */
export const VERSION = `coalesce((select version from ver), (select version from cluster)) as version,
    (select pg_notify(${CHANNEL}, version::text) from ver)::text as told`
