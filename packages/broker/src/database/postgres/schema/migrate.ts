import { UnusableDatabaseError } from '../../database-error.js'
import type { Connection } from '../connection/connection.js'
import { identifier, literal } from '../sql.js'
import { SCHEMA_VERSION, steps } from './steps.js'

export interface MigrateOptions {
  readonly schema: string
  newClusterId(): string
}

/**
 * Brings the schema to the version that this release knows; one of a newer release is left as it is. Answers the id of the cluster. Of
 * several brokers that start at once one does it.
 *
 * @throws UnusableDatabaseError where the schema is that of a release that this one cannot work with
 */
export async function migrate(connection: Connection, options: MigrateOptions): Promise<string> {
  const found = await versionOf(connection, options)
  if (found.version >= SCHEMA_VERSION) return found.clusterId
  await connection.run(['begin', `select pg_advisory_xact_lock(hashtext(${literal(`rivven ${options.schema}`)}))`])
  try {
    // Somebody else may have been faster.
    const { version, clusterId } = await versionOf(connection, options)
    if (version === 0) await beginSchema(connection, options)
    const id = version === 0 ? options.newClusterId() : clusterId
    for (const step of steps.slice(version)) await connection.run(step(id))
    await connection.run([`update cluster set schema_version = ${SCHEMA_VERSION}`, 'commit'])
    return id
  } catch (error) {
    await connection.run(['rollback']).catch(() => undefined)
    throw error
  }
}

interface Found {
  /** 0: there is nothing. */
  readonly version: number
  readonly clusterId: string
}

async function versionOf(connection: Connection, { schema }: MigrateOptions): Promise<Found> {
  const table = `${identifier(schema)}.cluster`
  // The catalog itself: names are looked up in a cache, which does not see what was made while a lock was waited for.
  const there = await connection.run([
    `select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${literal(schema)} and c.relname = 'cluster'`,
  ])
  if (there.length === 0) return { version: 0, clusterId: '' }
  const [row] = await connection.run([
    `select schema_version as version, min_reader as "minReader", cluster_id as "clusterId" from ${table}`,
  ])
  const { version, minReader, clusterId } = row as { version: number; minReader: number; clusterId: string }
  if (minReader > SCHEMA_VERSION)
    throw new UnusableDatabaseError(
      `The schema ${schema} of the database is of a newer release of Rivven (version ${version}, this one knows ${SCHEMA_VERSION}): upgrade this broker.`,
    )
  return { version, clusterId }
}

async function beginSchema(connection: Connection, { schema }: MigrateOptions): Promise<void> {
  const there = await connection.run([`select 1 from pg_namespace where nspname = ${literal(schema)}`])
  if (there.length === 0) await connection.run([`create schema ${identifier(schema)}`])
}
