import type { Incarnation } from '../../database.js'
import type { MemberChange } from '../../members.js'
import type { Connection } from '../connection/connection.js'
import { LOCK, VERSION, versionTaken } from './metadata-change.js'

export function setDraining(
  connection: Connection,
  brokerId: number,
  isDraining: boolean,
  mostMs: number,
): Promise<MemberChange> {
  return change(connection, `broker_id = ${brokerId}`, `draining = ${isDraining}`, mostMs)
}

export function retire(connection: Connection, me: Incarnation, mostMs: number): Promise<MemberChange> {
  const { brokerId, incarnation } = me
  return change(connection, `broker_id = ${brokerId} and incarnation = ${incarnation}`, 'gone = true', mostMs)
}

async function change(connection: Connection, which: string, set: string, mostMs: number): Promise<MemberChange> {
  const statement = `with here as (select broker_id from broker where ${which} and not gone),
    ${versionTaken('here')},
    changed as (update broker b set ${set}, changed = next.version from here, next where b.broker_id = here.broker_id)
    select exists (select 1 from here) as "isDone", ${VERSION}`
  const [row] = await connection.run([LOCK, statement], mostMs)
  const { isDone, version } = row as { isDone: boolean; version: number }
  return { isDone, version }
}
