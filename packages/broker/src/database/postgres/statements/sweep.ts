import type { OldestChunks } from '../../log-tables.js'
import { type Keep, keepClasses, keptForMs } from '../../metadata.js'
import type { Row } from '../connection/connection.js'
import { CHANNEL } from '../names.js'
import { CREATE_TABLE } from '../schema/steps.js'
import { literal } from '../sql.js'
import { batchTable } from './batch-table.js'

const FULL_BYTES = 8 * 2 ** 30
const DUE = "since + interval '1 minute' <= clock_timestamp()"
/** Of one statement. */
const MOST_ROWS = 5_000

type Ask = (texts: readonly string[]) => Promise<Row[]>

/** Each step is a statement by itself, and may be made by several brokers at once. */
export async function sweep(ask: Ask): Promise<OldestChunks> {
  await ask([CLOSE])
  await removeKept(ask)
  await ask([`delete from dead_segment where ${DUE} and chunk not in (${KEPT})`])
  for (const { chunk } of await ask([UNUSED])) await drop(ask, chunk as number)
  await ask(["delete from topic where deleted_at + interval '1 hour' <= clock_timestamp()"])
  for (const { name } of await ask([UNTENDED])) await ask([`vacuum (skip_locked) ${name}`])
  const oldest = (await ask([OLDEST])) as { keep: Keep; ageMs: number }[]
  return new Map(oldest.map(({ keep, ageMs }) => [keep, ageMs]))
}

/**
 * Tables whose rows change in place and that nobody makes room in. Autovacuum does, but a server that is killed forgets what it should
 * look at, and one that is killed again and again never comes to it.
 */
const UNTENDED = `select relname as name from pg_stat_user_tables
  where schemaname = current_schema() and relname in ('broker', 'checkpoint', 'cluster', 'dead_segment', 'partition', 'segment', 'topic')
    and pg_total_relation_size(relid) >= ${2 ** 20}
    and coalesce(greatest(last_vacuum, last_autovacuum), '-infinity') < now() - interval '10 minutes'`

const OLDEST = `select keep, (extract(epoch from clock_timestamp() - min(opened_at)) * 1000)::float8 as "ageMs" from chunk
  where closed_at is not null and keep <> 'kept' group by keep`

/** Chunks that are never dropped for their age: what is gone of them is deleted row by row. */
const KEPT = "select chunk from chunk where keep = 'kept' and closed_at is null"

const LIES_IN = `(exists (select 1 from segment s where s.chunk = c.chunk)
  or exists (select 1 from dead_segment d where d.chunk = c.chunk))`

const UNUSED = `select chunk from chunk c where closed_at + interval '1 minute' <= clock_timestamp() and not ${LIES_IN}`

/** Where nothing lies in a chunk it need not be closed, however old it is. */
const CLOSE = `do $do$
  declare
    old record;
    it text;
    now_version bigint;
  begin
    for old in select c.chunk, c.keep from chunk c join (values ${keepClasses.map(sixteenthOf).join(', ')}) k(keep, ms) using (keep)
      where c.closed_at is null and ${LIES_IN}
        and (c.opened_at + k.ms * interval '1 ms' <= clock_timestamp() or pg_table_size(to_regclass('batch_' || c.chunk)) >= ${FULL_BYTES})
    loop
      perform 1 from cluster for update;
      update chunk set closed_at = clock_timestamp(), changed = (select version + 1 from cluster)
        where chunk = old.chunk and closed_at is null;
      continue when not found;
      update cluster set version = version + 1 returning version into now_version;
      insert into chunk (keep, opened_at, changed) values (old.keep, clock_timestamp(), now_version)
        returning 'batch_' || chunk into it;
      ${CREATE_TABLE}
      perform pg_notify(${CHANNEL}, now_version::text);
    end loop;
  end $do$`

/** For ever and a day, where it is for ever. */
function sixteenthOf(keep: Keep): string {
  return `(${literal(keep)}, ${Math.min(keptForMs[keep] / 16, 1e15)}::float8)`
}

async function removeKept(ask: Ask): Promise<void> {
  const due = await ask([`select seg_id as "segmentId", chunk from dead_segment where ${DUE} and chunk in (${KEPT})`])
  for (const { segmentId, chunk } of due as { segmentId: number; chunk: number }[]) {
    const table = batchTable(chunk)
    const some = `select ctid from ${table} where seg_id = ${segmentId} limit ${MOST_ROWS}`
    const text = `delete from ${table} where ctid = any(array(${some})) returning 1`
    for (let rows = MOST_ROWS; rows === MOST_ROWS; ) rows = (await ask([text])).length
    await ask([`delete from dead_segment where seg_id = ${segmentId} and ${DUE}`])
  }
}

/** Looked at once more when nobody else can begin a segment there. Where somebody reads it, the next sweep comes soon. */
async function drop(ask: Ask, chunk: number): Promise<void> {
  const table = batchTable(chunk)
  await ask([
    `do $do$
      begin
        perform set_config('lock_timeout', '100ms', true);
        lock table ${table} in access exclusive mode;
        if exists (select 1 from chunk c where chunk = ${chunk} and not ${LIES_IN}) then
          drop table ${table};
          delete from chunk where chunk = ${chunk};
        end if;
      exception when lock_not_available or undefined_table then
        null;
      end $do$`,
  ])
}
