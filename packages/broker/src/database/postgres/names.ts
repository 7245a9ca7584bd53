/** Of this schema, and of no other one in the database. */
const OWN = "'cluster'::regclass::oid"

/** First half of the keys of locks of sessions; the second one is the id of a broker. Its bits are those of `OWN`. */
export const LOCK_SPACE = `${OWN}::bigint::bit(32)::int`

export const CHANNEL = `'rivven_' || ${OWN}`

/** Sessions that hold the lock of a broker id, as rows of pg_locks. */
export function holdersOf(brokerId: string): string {
  return `pg_locks l where l.locktype = 'advisory' and l.classid = ${OWN} and l.objid::bigint = ${brokerId} and l.objsubid = 2
    and l.database = (select oid from pg_database where datname = current_database())
    and l.granted and l.mode = 'ExclusiveLock'`
}
