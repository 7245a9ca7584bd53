import { identifier, literal } from '../sql.js'

/**
 * What a connection is for. A call answers with metadata; an append stores batches, a read brings them back; a lease says that this broker
 * lives; a session waits for locks and notices.
 */
export type Purpose = 'call' | 'chore' | 'append' | 'read' | 'lease' | 'session' | 'watch'

const common: Readonly<Record<string, string>> = {
  default_transaction_isolation: 'read committed',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  // A warning tells that a commit did not wait for its standbys.
  client_min_messages: 'warning',
  jit: 'off',
}

/** So that the server notices soon who is gone. Not every operating system that it may run on has them. */
const wherePossible: Readonly<Record<string, string>> = {
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '1',
  tcp_keepalives_count: '5',
  tcp_user_timeout: '5000',
  // A process that is gone waits for no lock.
  client_connection_check_interval: '1000',
}

/** Fresh chunks have no statistics, and what is asked for is always found by a key. */
const byKeys = { enable_seqscan: 'off', enable_bitmapscan: 'off' }

const ofPurpose: Partial<Readonly<Record<Purpose, Readonly<Record<string, string>>>>> = {
  append: byKeys,
  read: byKeys,
}

/** Functions of the schema come before those of PostgreSQL, so that a test can bring a clock of its own. */
export function settingsFor(purpose: Purpose, schema: string, name: string): string[] {
  const settings = { ...common, ...ofPurpose[purpose], application_name: `${name}-${purpose}` }
  const texts = Object.entries(settings).map(([key, value]) => `set ${key} = ${literal(value)}`)
  const tries = Object.entries(wherePossible).map(
    ([key, value]) => `begin perform set_config('${key}', '${value}', false); exception when others then null; end;`,
  )
  return [
    ...texts,
    `do $do$ begin ${tries.join(' ')} end $do$`,
    `set search_path = ${identifier(schema)}, pg_catalog`,
    durability(purpose),
  ]
}

/**
 * What is acknowledged is on stable storage, also where the server is set to less; and on its standbys where it is set to that. A lease
 * does not wait for these: while one is missing, reads and heartbeats go on.
 */
function durability(purpose: Purpose): string {
  if (purpose === 'lease') return 'set synchronous_commit = local'
  const now = "current_setting('synchronous_commit')"
  const atLeastOn = `case when ${now} in ('off', 'local') then 'on' else ${now} end`
  return `select set_config('synchronous_commit', ${atLeastOn}, false)`
}
