import type { ConsumerOptions } from '@rivven/client'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { wholeNumber } from './command-line.js'

type Kind = 'text' | 'words' | 'number' | 'truth'

/** Every key of the `consumer:` section but where the cluster is, what kind of value it has and what it means. */
const settings: readonly [key: string, kind: Kind, what: string][] = [
  ['group_id', 'text', 'the same as --group'],
  ['group_instance_id', 'text', 'static membership: a name for this member that outlives its restarts'],
  ['client_id', 'text', 'shown with group members and in quotas (default rivvenctl)'],
  ['auto_offset_reset', 'text', 'where to begin without a committed offset: earliest, latest or none'],
  ['partition_assignment_strategy', 'words', 'range, round_robin, sticky or cooperative_sticky; several with commas'],
  ['rebalance_protocol', 'text', 'eager or cooperative'],
  ['session_timeout_ms', 'number', 'the group gives up a member without heartbeats after so long (default 45000)'],
  ['heartbeat_interval_ms', 'number', 'at most a third of the session timeout (default 3000)'],
  ['max_poll_interval_ms', 'number', 'a member that does not poll for so long leaves (default 300000)'],
  ['max_poll_records', 'number', 'most records at a time (default 500)'],
  ['enable_auto_commit', 'truth', 'true: commit what was written at intervals; false: never (default: at once)'],
  ['auto_commit_interval_ms', 'number', 'the interval (default 5000)'],
  ['isolation_level', 'text', 'the same as --isolation'],
  ['fetch_min_bytes', 'number', 'a broker waits for so many bytes (default 1)'],
  ['fetch_max_wait_ms', 'number', 'but no longer than this (default 500)'],
  ['fetch_max_bytes', 'number', 'most bytes of one answer (default 52428800)'],
  ['max_partition_fetch_bytes', 'number', 'most bytes of one partition in it (default 1048576)'],
]

/** The keys that there are flags for, as rivven.yaml writes them. */
export const flagKeys: readonly string[] = settings.map(([key]) => key)

/** A flag for each consumer setting: `--session-timeout-ms` for `session_timeout_ms`. */
export function addConsumerFlags(command: Command): Command {
  for (const [key, kind, what] of settings) {
    const value = kind === 'truth' ? '[true|false]' : kind === 'number' ? '<number>' : '<text>'
    const option = new Option(`--${key.replaceAll('_', '-')} ${value}`, what)
    command.addOption(kind === 'text' ? option : option.argParser<unknown>(parsers[kind]))
  }
  return command
}

const parsers: Readonly<Record<Exclude<Kind, 'text'>, (word: string) => unknown>> = {
  number: wholeNumber,
  words: (word) => (word.includes(',') ? word.split(',').map((part) => part.trim()) : word),
  truth: (word) => {
    if (word === 'true' || word === 'false') return word === 'true'
    throw new InvalidArgumentError('It is true or false.')
  },
}

/** The settings among a command's options, as the client takes them. */
export function consumerOptionsIn(options: object): Partial<ConsumerOptions> {
  const said = options as Readonly<Record<string, unknown>>
  const given = flagKeys.map((key) => {
    const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    return [name, said[name]] as const
  })
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}
