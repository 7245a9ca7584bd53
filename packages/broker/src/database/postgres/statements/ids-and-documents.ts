import type { DocumentChange, IdKind } from '../../metadata.js'
import type { Connection } from '../connection/connection.js'
import { bytes, literal } from '../sql.js'
import { LOCK, VERSION, versionTaken } from './metadata-change.js'

export async function takeIds(connection: Connection, kind: IdKind, count: number, mostMs: number): Promise<number> {
  const next = `next_${kind}_id`
  const text = `update cluster set ${next} = ${next} + ${count} returning ${next} - ${count} as first`
  const [row] = await connection.run([text], mostMs)
  return (row as { first: number }).first
}

export async function replaceDocument(
  connection: Connection,
  { name, expected, content }: { name: string; expected: number; content: Buffer },
  mostMs: number,
): Promise<DocumentChange> {
  const statement = `with fresh as (select 1 where coalesce((select changed from document where name = ${literal(name)}), 0) = ${expected}),
    ${versionTaken('fresh')},
    replaced as (insert into document (name, content, changed)
      select ${literal(name)}, ${bytes(content)}, version from fresh, next
      on conflict (name) do update set content = excluded.content, changed = excluded.changed)
    select exists (select 1 from fresh) as "isDone", ${VERSION}`
  const [row] = await connection.run([LOCK, statement], mostMs)
  const { isDone, version } = row as { isDone: boolean; version: number }
  return { isDone, version }
}
