import { keepClasses } from '../../metadata.js'
import { literal } from '../sql.js'

/** The newest schema that this release knows, and whether it may use a database of a newer one says that database. */
export const SCHEMA_VERSION = 1

/**
 * What makes a schema of each version out of the one before, from nothing on. A step leaves it usable by the release before: it adds;
 * what is renamed or dropped is so a release later, when `min_reader` has risen.
 */
export const steps: readonly ((clusterId: string) => readonly string[])[] = [(clusterId) => versionOne(clusterId)]

function versionOne(clusterId: string): readonly string[] {
  return [
    // One row. `version` is that of the metadata, and its lock orders all who change them; `timeline` is the one that epochs are of.
    `create table cluster (one bool primary key default true check (one), cluster_id text not null,
      schema_version int not null, min_reader int not null, version bigint not null, timeline text,
      next_producer_id bigint not null, next_segment_id bigint not null)`,
    `insert into cluster values (true, ${literal(clusterId)}, 1, 1, 1, null, 0, 1)`,
    // 'changed': the version of the last change of that row.
    `create table broker (broker_id int primary key, incarnation bigint not null, addresses jsonb not null, rack text,
      software text not null, draining bool not null, gone bool not null, lease_until timestamptz not null,
      changed bigint not null) with (fillfactor = 50)`,
    `create table topic (topic_id text primary key, name text not null, configs jsonb not null, replication int not null,
      keep text not null, partitions int not null, deleted_at timestamptz, changed bigint not null)`,
    'create unique index topic_live on topic (name) where deleted_at is null',
    'create index topic_changed on topic (changed)',
    // The fence: an append locks the row of its partition for share, and never changes it.
    `create table partition (part_id int generated always as identity primary key, topic_id text not null, idx int not null,
      leader int, incarnation bigint not null, epoch int not null, changed bigint not null, unique (topic_id, idx))`,
    'create index partition_changed on partition (changed)',
    'create index partition_leader on partition (leader)',
    `create table segment (seg_id bigint primary key, part_id int not null, chunk int not null, base_offset bigint not null,
      next_offset bigint not null, size bigint not null, batches int not null, largest int not null, first_ts bigint not null,
      max_ts bigint not null, max_ts_offset bigint not null, created_at bigint not null, modified_at bigint not null)`,
    'create index segment_part on segment (part_id, base_offset)',
    'create index segment_chunk on segment (chunk)',
    'create table checkpoint (part_id int primary key, start_offset bigint not null, at_offset bigint not null, state bytea not null)',
    'alter table checkpoint alter column state set storage external',
    `create table chunk (chunk int generated always as identity primary key, keep text not null, opened_at timestamptz not null,
      closed_at timestamptz, changed bigint not null)`,
    'create table document (name text primary key, content bytea not null, changed bigint not null)',
    // Data that nobody needs a minute after 'since'. Until then somebody may still read them.
    'create table dead_segment (seg_id bigint primary key, chunk int not null, since timestamptz not null)',
    'create index dead_segment_chunk on dead_segment (chunk)',
    ...keepClasses.map((keep) => openChunk(literal(keep), '1')),
  ]
}

/** Opens a chunk of a class: its row, and a table of its own, so that dropping it locks nothing else. */
export function openChunk(keep: string, version: string): string {
  return `do $do$
    declare it text;
    begin
      insert into chunk (keep, opened_at, changed) values (${keep}, clock_timestamp(), ${version})
        returning 'batch_' || chunk into it;
      ${CREATE_TABLE}
    end $do$`
}

/** Of the batches of a chunk; its name is in the variable 'it'. What comes in is stored as it is, and never changed. */
export const CREATE_TABLE = `
      execute format('create table %I (seg_id bigint not null, last_offset bigint not null, base_offset bigint not null,
        max_ts bigint not null, size int not null, payload bytea not null)', it);
      execute format('create unique index %I on %I (seg_id, last_offset)', it || '_key', it);
      execute format('alter table %I alter column payload set storage external,
        set (autovacuum_vacuum_insert_threshold = -1)', it);`
