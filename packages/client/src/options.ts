import { type Check, checks, type FieldChecks, type OtherNames } from '@rivven/config'
import type { Logger, SaslOptions, SslOptions } from '@rivven/link'
import { RivvenError } from '@rivven/link'
import type { Address, Runtime } from '@rivven/runtime'
import { saslCheck } from './security/sasl-check.js'
import { copyOfSecurity, type SecurityCopy } from './security/security-copy.js'
import { sslCheck } from './security/ssl-check.js'

const { fitting, object, oneOrMany, optional, text, whole } = checks

/** What every client needs to reach a cluster. */
export interface ClusterOptions {
  /** Where to ask first: `host:port` each, or one string with commas between. The port may be left out: 9092. */
  bootstrapServers: string | readonly string[]
  /** Shown by the broker in logs, quotas and group members. Default `rivven`. */
  clientId?: string
  /** How long an answer may take, in milliseconds, before its connection is given up. Default 30000. */
  requestTimeoutMs?: number
  /** How long opening a connection may take, in milliseconds. Default 10000. */
  connectTimeoutMs?: number
  /**
   * How long a call goes on trying while no broker at all can be reached, in milliseconds. Default 10000. Records that
   * were taken already have `deliveryTimeoutMs`, and a consumer that has read before has `requestTimeoutMs`.
   */
  unreachableTimeoutMs?: number
  /** Metadata older than this is asked for again, in milliseconds. Default 300000. */
  metadataMaxAgeMs?: number
  /** First pause before something is tried again, in milliseconds; doubled each time. Default 100. */
  retryBackoffMs?: number
  /** Longest such pause, in milliseconds. Default 1000. */
  maxRetryBackoffMs?: number
  /** Largest answer that is taken, in bytes. Default 268435456 (256 MiB). */
  maxResponseBytes?: number
  /** Told of what may become a problem, and at once when no broker can be reached. Default: Node's process warnings. */
  logger?: Logger
  /** Encrypts connections (TLS); an object says whom to trust. Default false: everything goes in the clear. */
  ssl?: boolean | SslOptions
  /** Who this client is, for brokers that ask (SASL). Default: nobody. */
  sasl?: SaslOptions
  /** Clock, chance and network. Default: those of Node. */
  runtime?: Runtime
}

const milliseconds = whole(0)

export const clusterChecks: FieldChecks<ClusterOptions> = {
  bootstrapServers: oneOrMany(text),
  clientId: optional(text),
  requestTimeoutMs: optional(whole(1)),
  connectTimeoutMs: optional(whole(1)),
  unreachableTimeoutMs: optional(whole(1)),
  metadataMaxAgeMs: optional(whole(1)),
  retryBackoffMs: optional(milliseconds),
  maxRetryBackoffMs: optional(milliseconds),
  maxResponseBytes: optional(whole(1)),
  logger: optional(
    fitting('an object with a method warn', (value) => typeof (Object(value) as Logger).warn === 'function'),
  ),
  ssl: optional(sslCheck),
  sasl: optional(saslCheck),
  runtime: optional(fitting('a Runtime', (value) => typeof value === 'object' && value !== null)),
}

/** What kafkajs and others call the options of every client. */
export const clusterNames: OtherNames = {
  brokers: 'Write bootstrapServers.',
  tls: 'Write ssl.',
  connectionTimeout: 'Write connectTimeoutMs.',
  requestTimeout: 'Write requestTimeoutMs.',
  retry: 'Write retryBackoffMs and maxRetryBackoffMs; how long is tried say requestTimeoutMs and unreachableTimeoutMs.',
  retries: 'How long is tried say requestTimeoutMs and unreachableTimeoutMs.',
  metadataMaxAge: 'Write metadataMaxAgeMs.',
  allowAutoTopicCreation: 'Write allowAutoCreate.',
  logLevel: 'Give a logger with a method warn.',
  logCreator: 'Give a logger with a method warn.',
}

/** Throws INVALID_ARGUMENT for what the check does not let pass; `name` is the argument's. */
export function mustFit(check: Check, value: unknown, name: string): void {
  const misfit = check(value, name)
  if (misfit) throw invalid(misfit.text, misfit.hint)
}

/** The arguments of calls by their names, in their order. */
export type CallChecks<Call extends string> = Readonly<Record<Call, Readonly<Record<string, Check>>>>

/** Throws INVALID_ARGUMENT for the first argument of a call that its check does not let pass, and for one too many. */
export function mustFitCall<Call extends string>(calls: CallChecks<Call>, call: Call, given: ArrayLike<unknown>): void {
  const checks = Object.entries(calls[call])
  for (const [at, [name, check]] of checks.entries()) {
    const misfit = check(given[at], name)
    if (misfit) throw invalid(`${call}: ${misfit.text}`, misfit.hint)
  }
  const more = Array.from(given).slice(checks.length)
  if (more.every((value) => value === undefined)) return
  const names = checks.map(([name]) => name).join(', ')
  throw invalid(
    `${call} takes ${names === '' ? 'no argument' : `${names} and no more`}.`,
    'What is beyond that has no effect.',
  )
}

/** The options of a class of clients, cluster and all. */
export function optionsCheck<X extends ClusterOptions>(
  of: string,
  fields: FieldChecks<X>,
  otherNames: OtherNames,
): Check {
  return object<X>(fields, { what: `The options of ${of}`, otherNames: { ...clusterNames, ...otherNames } })
}

/** What another thread needs to reach the same brokers in the same way: values that can be copied. */
export type ClusterAccess = Omit<ClusterOptions, 'runtime' | 'logger' | 'ssl' | 'sasl'> & SecurityCopy

/** Of the options of any client those that are about the cluster. */
export function accessOf(options: ClusterOptions): ClusterAccess {
  return {
    bootstrapServers: options.bootstrapServers,
    clientId: options.clientId,
    requestTimeoutMs: options.requestTimeoutMs,
    connectTimeoutMs: options.connectTimeoutMs,
    unreachableTimeoutMs: options.unreachableTimeoutMs,
    metadataMaxAgeMs: options.metadataMaxAgeMs,
    retryBackoffMs: options.retryBackoffMs,
    maxRetryBackoffMs: options.maxRetryBackoffMs,
    maxResponseBytes: options.maxResponseBytes,
    ...copyOfSecurity(options),
  }
}

/** Reads `host:port` texts, also `[::1]:9092`. Throws INVALID_ARGUMENT for what is none. */
export function parseAddresses(servers: string | readonly string[]): Address[] {
  mustFit(clusterChecks.bootstrapServers, servers, 'bootstrapServers')
  const texts = (typeof servers === 'string' ? servers.split(',') : servers).map((text) => text.trim())
  const addresses = texts.filter((text) => text !== '').map(parseAddress)
  if (addresses.length === 0) throw invalid('bootstrapServers names no server.', 'Give at least one host:port.')
  return addresses
}

function parseAddress(text: string): Address {
  const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text)
  const port = Number(parts?.[3] ?? 9092)
  if (!parts || port < 1 || port > 65535)
    throw invalid(`"${text}" is no address.`, 'Write host:port, as in localhost:9092, or [::1]:9092 for IPv6.')
  return { host: parts[1] ?? parts[2]!, port }
}

export function invalid(message: string, hint?: string): RivvenError {
  return new RivvenError('INVALID_ARGUMENT', message, { hint })
}
