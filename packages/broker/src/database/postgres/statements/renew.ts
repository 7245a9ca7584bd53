import type { Incarnation } from '../../database.js'
import type { Renewal } from '../../members.js'
import type { Connection } from '../connection/connection.js'

export async function renew(
  connection: Connection,
  { brokerId, incarnation }: Incarnation,
  leaseMs: number,
  mostMs: number,
): Promise<Renewal | 'replaced'> {
  const statement = { name: 'renew', text: TEXT, values: [brokerId, incarnation, leaseMs] }
  const [row] = await connection.prepared(statement, mostMs)
  if (!row) return 'replaced'
  const { version, late } = row as { version: number; late: [number, number][] | null }
  return {
    version,
    timeline: connection.facts.timeline,
    late: (late ?? []).map(([id, life]) => ({ brokerId: id, incarnation: life })),
  }
}

const TEXT = `with renewed as (
    update broker set lease_until = clock_timestamp() + $3::int * interval '1 ms'
    where broker_id = $1 and incarnation = $2 and not gone returning broker_id)
  select cluster.version,
    (select json_agg(json_build_array(b.broker_id, b.incarnation) order by b.broker_id) from broker b
      where not b.gone and b.lease_until < clock_timestamp() and b.broker_id <> renewed.broker_id) as late
  from cluster, renewed`
