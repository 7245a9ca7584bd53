import type { MemberEntry, Registration } from '../../members.js'
import { EPOCH_JUMP } from '../../members.js'
import type { Connection } from '../connection/connection.js'
import { holdersOf } from '../names.js'
import { ints, json, literal } from '../sql.js'
import { LOCK, VERSION, versionTaken } from './metadata-change.js'
import { partitionFields, partitionRows } from './rows.js'

/** `ownSessions`: processes that serve the sessions of this broker. */
export async function register(
  connection: Connection,
  entry: MemberEntry,
  ownSessions: readonly number[],
  mostMs: number,
): Promise<Registration | 'taken'> {
  const { timeline } = connection.facts
  // Appends of an earlier life may be under way: they are waited for in the order in which they take their locks.
  const fence = `select 1 from partition where leader = ${entry.brokerId ?? null} order by part_id for no key update`
  const [row] = await connection.run([LOCK, fence, statement(entry, ownSessions, timeline)], mostMs)
  if (!row) return 'taken'
  const { version, brokerId, incarnation, partitions } = row as Record<
    'version' | 'brokerId' | 'incarnation',
    number
  > & {
    partitions: unknown
  }
  return { me: { brokerId, incarnation }, version, timeline, partitions: partitionRows(partitions) }
}

function statement(entry: MemberEntry, ownSessions: readonly number[], timeline: string): string {
  const { brokerId, addresses, rack, software, isDraining, leaseMs } = entry
  const own = json(Object.fromEntries(addresses))
  return `with taken as (select b.broker_id from broker b where not b.gone and b.lease_until > clock_timestamp()
      and exists (select 1 from ${holdersOf('b.broker_id')} and not l.pid = any(${ints(ownSessions)}))),
    chosen as (select ${brokerId === undefined ? freeId(own) : brokerId} as broker_id),
    free as (select broker_id from chosen where broker_id not in (select broker_id from taken)),
    ${versionTaken('free', `, timeline = ${literal(timeline)}`)},
    anew as (select coalesce(timeline, ${literal(timeline)}) <> ${literal(timeline)} as it from cluster),
    noted as (insert into broker as b (broker_id, incarnation, addresses, rack, software, draining, gone, lease_until, changed)
      select broker_id, 1, ${own}::jsonb, ${literal(rack)}, ${literal(software)}, ${isDraining}, false,
        clock_timestamp() + ${leaseMs} * interval '1 ms', version from free, next
      on conflict (broker_id) do update set incarnation = b.incarnation + 1, addresses = excluded.addresses, rack = excluded.rack,
        software = excluded.software, draining = excluded.draining, gone = false, lease_until = excluded.lease_until,
        changed = excluded.changed
      returning broker_id, incarnation),
    given as (update partition p set changed = next.version,
        epoch = p.epoch + case when anew.it then ${EPOCH_JUMP} else 1 end,
        incarnation = case when p.leader = noted.broker_id then noted.incarnation else p.incarnation end
      from noted, next, anew where p.leader = noted.broker_id or anew.it returning p.*)
    select noted.broker_id as "brokerId", noted.incarnation, ${VERSION},
      (select json_agg(${partitionFields('g')} order by g.part_id) from given g where g.leader = noted.broker_id) as partitions
    from noted`
}

/** That of the same addresses, unless it is taken; else the lowest one of which nobody is here. */
function freeId(addresses: string): string {
  const same = `select min(b.broker_id) from broker b
    where b.addresses = ${addresses}::jsonb and b.broker_id not in (select broker_id from taken)`
  const lowest = `select min(id) from generate_series(1, (select count(*)::int + 1 from broker where not gone)) id
    where not exists (select 1 from broker b where b.broker_id = id and not b.gone)`
  return `coalesce((${same}), (${lowest}))`
}
