import { type ConsumerOptions, consumerKeys, securityKeys, type ValueKind } from '@rivven/client'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { wholeNumber } from '../command-line.js'
import { camelCase } from './settings.js'

/** What each setting means, for --help. */
const meanings: Readonly<Record<string, string>> = {
  client_id: 'shown with group members and in quotas (default rivvenctl)',
  request_timeout_ms: 'how long an answer may take (default 10000)',
  connect_timeout_ms: 'how long opening a connection may take (default 5000)',
  unreachable_timeout_ms: 'how long calls try while no broker can be reached (default 3000)',
  metadata_max_age_ms: 'new topics and partitions are seen within so long (default 300000)',
  retry_backoff_ms: 'first pause before something is tried again (default 100)',
  max_retry_backoff_ms: 'longest such pause (default 1000)',
  max_response_bytes: 'largest answer that is taken (default 268435456)',
  group_id: 'the same as --group',
  group_instance_id: 'static membership: a name for this member that outlives its restarts',
  auto_offset_reset: 'where to begin without a committed offset: earliest, latest or none',
  enable_auto_commit: 'true: commit what was written at intervals; false: never (default: at once)',
  auto_commit_interval_ms: 'the interval (default 5000)',
  isolation_level: 'the same as --isolation',
  max_poll_records: 'most records at a time (default 500)',
  fetch_min_bytes: 'a broker waits for so many bytes (default 1)',
  fetch_max_wait_ms: 'but no longer than this (default 500)',
  fetch_max_bytes: 'most bytes of one answer (default 52428800)',
  max_partition_fetch_bytes: 'most bytes of one partition in it (default 1048576)',
  max_buffered_bytes: 'no more is fetched ahead while so many wait (default 67108864)',
  session_timeout_ms: 'the group gives up a member without heartbeats after so long (default 45000)',
  heartbeat_interval_ms: 'at most a third of the session timeout (default 3000)',
  max_poll_interval_ms: 'a member that does not poll for so long leaves (default 300000)',
  partition_assignment_strategy: 'range, round_robin, sticky or cooperative_sticky; several with commas',
  rebalance_protocol: 'eager or cooperative',
  client_rack: 'rack of this client: nearer replicas are read, partitions there are preferred',
  api_timeout_ms: 'how long commits and lookups of offsets try (default 60000)',
  allow_auto_create: 'let the broker create a topic that is not there (default true)',
  enable_metrics_push: 'tell brokers that ask for it how this consumer does (default true)',
}

/** Every key of the `consumer:` section; where the cluster is, and who logs in there, is said by options of all commands. */
const settings = Object.entries(consumerKeys as Readonly<Record<string, ValueKind>>)
  .filter(([key]) => key !== 'bootstrap_servers' && !Object.hasOwn(securityKeys, key))
  .map(([key, kind]) => ({ key, kind, what: meanings[key] ?? '' }))

/** A flag for each consumer setting: `--session-timeout-ms` for `session_timeout_ms`. */
export function addConsumerFlags(command: Command): Command {
  for (const { key, kind, what } of settings) {
    const value = kind === 'switch' ? '[true|false]' : kind === 'number' ? '<number>' : '<text>'
    const option = new Option(`--${key.replaceAll('_', '-')} ${value}`, what)
    command.addOption(option.argParser<unknown>(parsers[kind]))
  }
  return command
}

const words = (word: string) => (word.includes(',') ? word.split(',').map((part) => part.trim()) : word)

const parsers: Readonly<Record<ValueKind, (word: string) => unknown>> = {
  text: (word) => word,
  acks: (word) => word,
  // Everybody sees the command line: no key of this kind has a flag.
  secret: (word) => word,
  texts: words,
  number: wholeNumber,
  switch: (word) => {
    if (word === 'true' || word === 'false') return word === 'true'
    throw new InvalidArgumentError('It is true or false.')
  },
}

/** The settings among a command's options, as the client takes them. */
export function consumerOptionsIn(options: object): Partial<ConsumerOptions> {
  const said = options as Readonly<Record<string, unknown>>
  const given = settings.map(({ key }) => {
    const name = camelCase(key)
    return [name, said[name]] as const
  })
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}
