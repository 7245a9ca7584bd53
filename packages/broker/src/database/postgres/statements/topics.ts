import type { NewTopicRow, TopicConfigured, TopicGrowth, TopicsChanged } from '../../metadata.js'
import type { Connection, Row } from '../connection/connection.js'
import { json, literal } from '../sql.js'
import { LOCK, VERSION, versionTaken } from './metadata-change.js'

export async function createTopics(
  connection: Connection,
  topics: readonly NewTopicRow[],
  mostMs: number,
): Promise<TopicsChanged> {
  const input = topics.map(({ topicId, name, configs, replicationFactor, keep, leaders }, place) => {
    return { place, id: topicId, name, configs: configsOf(configs), replication: replicationFactor, keep, leaders }
  })
  const statement = `with input as materialized (select * from json_to_recordset(${json(input)})
      as i(place int, id text, name text, configs jsonb, replication int, keep text, leaders int[])),
    live as (select * from topic where deleted_at is null),
    fresh as (select distinct on (name) * from input i
      where not exists (select 1 from live t where t.name = i.name) and not exists (select 1 from topic t where t.topic_id = i.id)
      order by name, place),
    ${versionTaken('fresh')},
    made as (insert into topic (topic_id, name, configs, replication, keep, partitions, changed)
      select id, name, configs, replication, keep, cardinality(leaders), version from fresh, next),
    ${partitionsOf('fresh', '0')}
    select ${VERSION}, (select json_agg(i.name order by i.place) from input i
      where exists (select 1 from fresh f where f.id = i.id and f.name = i.name)
        or exists (select 1 from live t where t.topic_id = i.id and t.name = i.name)) as done`
  return changed(await connection.run([LOCK, statement], mostMs))
}

export async function growTopics(
  connection: Connection,
  growths: readonly TopicGrowth[],
  mostMs: number,
): Promise<TopicsChanged> {
  const input = growths.map(({ topicId, from, leaders }, place) => ({ place, id: topicId, base: from, leaders }))
  const statement = `with fresh as materialized (select i.* from json_to_recordset(${json(input)})
      as i(place int, id text, base int, leaders int[])
      join topic t on t.topic_id = i.id and t.deleted_at is null and t.partitions = i.base),
    ${versionTaken('fresh')},
    grown as (update topic t set partitions = f.base + cardinality(f.leaders), changed = next.version
      from fresh f, next where t.topic_id = f.id),
    ${partitionsOf('fresh', 'f.base')}
    select ${VERSION}, (select json_agg(id order by place) from fresh) as done`
  return changed(await connection.run([LOCK, statement], mostMs))
}

export async function configureTopics(
  connection: Connection,
  changes: readonly TopicConfigured[],
  mostMs: number,
): Promise<TopicsChanged> {
  const input = changes.map(({ topicId, expected, configs, keep }) => {
    return { id: topicId, expected, configs: configsOf(configs), keep }
  })
  const statement = `with fresh as materialized (select i.* from json_to_recordset(${json(input)})
      as i(id text, expected bigint, configs jsonb, keep text)
      join topic t on t.topic_id = i.id and t.deleted_at is null and t.changed = i.expected),
    ${versionTaken('fresh')},
    configured as (update topic t set configs = f.configs, keep = f.keep, changed = next.version
      from fresh f, next where t.topic_id = f.id)
    select ${VERSION}, (select json_agg(id) from fresh) as done`
  return changed(await connection.run([LOCK, statement], mostMs))
}

export async function deleteTopics(
  connection: Connection,
  topicIds: readonly string[],
  mostMs: number,
): Promise<TopicsChanged> {
  const ids = `(${topicIds.map(literal).join(', ') || 'null'})`
  const statement = `with fresh as materialized (select topic_id from topic where topic_id in ${ids} and deleted_at is null),
    ${versionTaken('fresh')},
    marked as (update topic t set deleted_at = clock_timestamp(), changed = next.version
      from fresh f, next where t.topic_id = f.topic_id),
    gone as (delete from partition p using fresh f where p.topic_id = f.topic_id returning part_id),
    pasts as (delete from checkpoint c using gone where c.part_id = gone.part_id),
    segments as (delete from segment s using gone where s.part_id = gone.part_id returning seg_id, chunk),
    dead as (insert into dead_segment select seg_id, chunk, clock_timestamp() from segments on conflict do nothing)
    select ${VERSION}, (select json_agg(topic_id) from topic where topic_id in ${ids}) as done`
  // Whose segments began before this: appends that are under way are waited for.
  const fence = `select 1 from partition where topic_id in ${ids} order by part_id for update`
  return changed(await connection.run([LOCK, fence, statement], mostMs))
}

/** A leader that is not here is nobody. */
function partitionsOf(fresh: string, base: string): string {
  return `parts as (insert into partition (topic_id, idx, leader, incarnation, epoch, changed)
      select f.id, ${base} + l.place - 1, b.broker_id, coalesce(b.incarnation, 0), 0, next.version
      from ${fresh} f cross join next cross join unnest(f.leaders) with ordinality l(leader, place)
      left join broker b on b.broker_id = l.leader and not b.gone
      order by f.place, l.place)`
}

function configsOf(configs: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(configs)
}

function changed([row]: Row[]): TopicsChanged {
  const { version, done } = row as { version: number; done: string[] | null }
  return { version, done: new Set(done) }
}
