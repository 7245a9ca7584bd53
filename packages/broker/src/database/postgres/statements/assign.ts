import type { Incarnation } from '../../database.js'
import type { Move, Moved } from '../../members.js'
import type { Connection } from '../connection/connection.js'
import { ints } from '../sql.js'
import { LOCK, VERSION, versionTaken } from './metadata-change.js'
import { partitionFields, partitionRows } from './rows.js'

export async function assign(
  connection: Connection,
  { brokerId, incarnation }: Incarnation,
  moves: readonly Move[],
  mostMs: number,
): Promise<Moved> {
  const isMine = `p.leader = ${brokerId} and p.incarnation = ${incarnation}`
  const statement = `with ${moved(moves, { isAlsoFree: isMine, isAlsoGone: 'false' })},
    ${versionTaken('ok')}, ${GIVEN}
    select ${VERSION}, ${GIVEN_ROWS}`
  const [row] = await connection.run([LOCK, fence(moves), statement], mostMs)
  const { version, partitions } = row as { version: number; partitions: unknown }
  return { version, partitions: partitionRows(partitions) }
}

export async function bury(
  connection: Connection,
  dead: Incarnation,
  sawItsEnd: boolean,
  moves: readonly Move[],
  mostMs: number,
): Promise<Moved & { isBuried: boolean }> {
  const { brokerId, incarnation } = dead
  const isDead = `broker_id = ${brokerId} and incarnation = ${incarnation}`
  const isBuried = 'exists (select 1 from buried)'
  const conditions = {
    isAlsoFree: `p.leader = ${brokerId} and p.incarnation = ${incarnation} and ${isBuried}`,
    isAlsoGone: `t.broker_id = ${brokerId} and ${isBuried}`,
  }
  const statement = `with buried as (select broker_id from broker
      where ${isDead} and not gone and (${sawItsEnd} or lease_until < clock_timestamp())),
    ${moved(moves, conditions)},
    changes as (select broker_id from buried union all select part_id from ok),
    ${versionTaken('changes')}, ${GIVEN},
    marked as (update broker b set gone = true, changed = next.version from buried, next where b.broker_id = buried.broker_id)
    select ${isBuried} as "isBuried", ${VERSION}, ${GIVEN_ROWS}`
  // A renewal that comes meanwhile waits, and finds that it is too late.
  const locks = [LOCK, `select 1 from broker where ${isDead} for update`, fence(moves)]
  const [row] = await connection.run([...locks, statement], mostMs)
  const { isBuried: isDone, version, partitions } = row as { isBuried: boolean; version: number; partitions: unknown }
  return { isBuried: isDone, version, partitions: partitionRows(partitions) }
}

/** Waits for the appends to these partitions that are under way; later ones wait for this, and find another epoch. In their order: no deadlock. */
function fence(moves: readonly Move[]): string {
  return `select 1 from partition p join ${asked(moves)} on p.part_id = m.part and p.epoch = m.epoch
    order by p.part_id for no key update of p`
}

function asked(moves: readonly Move[]): string {
  const arrays = [
    ints(moves.map(({ partId }) => partId)),
    ints(moves.map(({ epoch }) => epoch)),
    ints(moves.map(({ target }) => target)),
  ]
  return `unnest(${arrays.join(', ')}) with ordinality m(part, epoch, target, place)`
}

/** The moves that are made. */
function moved(moves: readonly Move[], { isAlsoFree, isAlsoGone }: { isAlsoFree: string; isAlsoGone: string }): string {
  return `ok as (select p.part_id, m.place, t.broker_id, t.incarnation
      from ${asked(moves)} join partition p on p.part_id = m.part and p.epoch = m.epoch
      join broker t on t.broker_id = m.target and not t.gone and t.lease_until > clock_timestamp() and not (${isAlsoGone})
      left join broker l on l.broker_id = p.leader
      where p.leader is null or l.broker_id is null or l.gone or l.incarnation <> p.incarnation
        or l.lease_until < clock_timestamp() or (${isAlsoFree}))`
}

const GIVEN = `given as (update partition p
    set leader = ok.broker_id, incarnation = ok.incarnation, epoch = p.epoch + 1, changed = next.version
    from ok, next where p.part_id = ok.part_id returning p.*)`

const GIVEN_ROWS = `(select json_agg(${partitionFields('g')} order by ok.place)
    from given g join ok on ok.part_id = g.part_id) as partitions`
