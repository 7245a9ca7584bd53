import { checks } from '@rivven/config'
import type { Assignor, RebalanceProtocol } from '@rivven/groups'
import type { Logger } from '@rivven/link'
import { loggerOf } from '../../default-logger.js'
import { type ClusterOptions, clusterChecks, invalid, mustFit, optionsCheck } from '../../options.js'
import { type AssignmentStrategy, assignorsOf } from './assignment-strategy.js'

/** Where to begin where no offset is committed, or the committed one no longer exists. */
export type AutoOffsetReset = 'earliest' | 'latest' | 'none'

export type IsolationLevel = 'read_uncommitted' | 'read_committed'

export interface ConsumerOptions extends ClusterOptions {
  /** The group whose members share the partitions of the topics they subscribe to. Needed to subscribe and to commit. */
  groupId?: string
  /**
   * A name for this member that survives restarts (static membership, KIP-345): when it is back within the session
   * timeout it goes on with its partitions, without a rebalance.
   */
  groupInstanceId?: string
  /** Default `latest`. `none`: poll throws instead. Errors that may pass never lead to a reset. */
  autoOffsetReset?: AutoOffsetReset
  /** Commits in the background what later polls prove to be handled. Default true with a groupId. */
  enableAutoCommit?: boolean
  /** In milliseconds. Default 5000. */
  autoCommitIntervalMs?: number
  /** Default `read_uncommitted`: records of open and aborted transactions are returned too. */
  isolationLevel?: IsolationLevel
  /** Most records that one poll returns. Default 500. */
  maxPollRecords?: number
  /** A broker waits for so many bytes before it answers. Default 1. */
  fetchMinBytes?: number
  /** … but no longer than this, in milliseconds. Default 500. */
  fetchMaxWaitMs?: number
  /** Most bytes of one answer. Default 52428800. A batch that is larger comes all the same. */
  fetchMaxBytes?: number
  /** Most bytes of one partition in one answer. Default 1048576. A batch that is larger comes all the same. */
  maxPartitionFetchBytes?: number
  /** No more is fetched ahead while so many bytes wait to be polled. Default 67108864. */
  maxBufferedBytes?: number
  /** The group gives a member up that sent no heartbeat for so long, in milliseconds. Default 45000. */
  sessionTimeoutMs?: number
  /** In milliseconds; at most a third of the session timeout is wise. Default 3000. */
  heartbeatIntervalMs?: number
  /**
   * A member that does not poll for so long, in milliseconds, leaves its group; also how long a rebalance waits for its
   * members. Default 300000.
   */
  maxPollIntervalMs?: number
  /**
   * How partitions are shared, in order of preference; the members' vote decides. Default `range`, or `cooperative_sticky`
   * with the cooperative protocol. `cooperative_sticky` also offers range, so that members that know only eager assignors
   * can be in the group: as long as one is, all are eager (KIP-429).
   */
  partitionAssignmentStrategy?: AssignmentStrategy | readonly AssignmentStrategy[]
  /** `cooperative`: only partitions that move are given up in a rebalance. Follows from the strategy. */
  rebalanceProtocol?: RebalanceProtocol
  /** Rack of this client: brokers may answer from a replica there, and assignors prefer partitions there. */
  clientRack?: string
  /** How long commit, position, committed and offset lookups try, in milliseconds. Default 60000. */
  apiTimeoutMs?: number
  /** Let the broker create topics that are not there, if it does so. Default true. */
  allowAutoCreate?: boolean
  /** Tell brokers that ask for it how this consumer does (KIP-714). Default true. */
  enableMetricsPush?: boolean
}

const { fitting, flag, oneOf, oneOrMany, optional, text, whole } = checks

const strategy = fitting(
  'the name of an assignor, or an assignor',
  (value) => typeof value === 'string' || typeof (Object(value) as Assignor).assign === 'function',
)

const consumerCheck = optionsCheck<ConsumerOptions>(
  'Consumer',
  {
    ...clusterChecks,
    groupId: optional(text),
    groupInstanceId: optional(text),
    autoOffsetReset: optional(oneOf('earliest', 'latest', 'none')),
    enableAutoCommit: optional(flag),
    autoCommitIntervalMs: optional(whole(1)),
    isolationLevel: optional(oneOf('read_uncommitted', 'read_committed')),
    maxPollRecords: optional(whole(1)),
    fetchMinBytes: optional(whole(0)),
    fetchMaxWaitMs: optional(whole(0)),
    fetchMaxBytes: optional(whole(1)),
    maxPartitionFetchBytes: optional(whole(1)),
    maxBufferedBytes: optional(whole(1)),
    sessionTimeoutMs: optional(whole(1)),
    heartbeatIntervalMs: optional(whole(1)),
    maxPollIntervalMs: optional(whole(1)),
    partitionAssignmentStrategy: optional(oneOrMany(strategy)),
    rebalanceProtocol: optional(oneOf('eager', 'cooperative')),
    clientRack: optional(text),
    apiTimeoutMs: optional(whole(1)),
    allowAutoCreate: optional(flag),
    enableMetricsPush: optional(flag),
  },
  {
    eachMessage: 'Read with `for await (const record of consumer)`, or with poll().',
    eachBatch: 'Read with poll(), which returns up to maxPollRecords records.',
    fromBeginning: "Write autoOffsetReset: 'earliest'.",
    autoCommit: 'Write enableAutoCommit.',
    autoCommitInterval: 'Write autoCommitIntervalMs.',
    partitionAssigners: 'Write partitionAssignmentStrategy.',
    sessionTimeout: 'Write sessionTimeoutMs.',
    rebalanceTimeout: 'Write maxPollIntervalMs.',
    heartbeatInterval: 'Write heartbeatIntervalMs.',
    maxBytesPerPartition: 'Write maxPartitionFetchBytes.',
    minBytes: 'Write fetchMinBytes.',
    maxBytes: 'Write fetchMaxBytes.',
    maxWaitTimeInMs: 'Write fetchMaxWaitMs.',
    readUncommitted: "Write isolationLevel: 'read_uncommitted' or 'read_committed'.",
    rackId: 'Write clientRack.',
    topics: 'Give them to subscribe().',
  },
)

export interface ConsumerSettings {
  groupId: string | undefined
  groupInstanceId: string | null
  autoOffsetReset: AutoOffsetReset
  enableAutoCommit: boolean
  autoCommitIntervalMs: number
  isolationLevel: 0 | 1
  maxPollRecords: number
  fetchMinBytes: number
  fetchMaxWaitMs: number
  fetchMaxBytes: number
  maxPartitionFetchBytes: number
  maxBufferedBytes: number
  sessionTimeoutMs: number
  heartbeatIntervalMs: number
  maxPollIntervalMs: number
  assignors: readonly Assignor[]
  logger: Logger
  clientRack: string | null
  apiTimeoutMs: number
  allowAutoCreate: boolean
  enableMetricsPush: boolean
}

/** The options with their defaults; throws INVALID_ARGUMENT for values that make no sense or do not go together. */
export function consumerSettings(options: ConsumerOptions): ConsumerSettings {
  mustFit(consumerCheck, options, '')
  const settings: ConsumerSettings = {
    groupId: options.groupId,
    groupInstanceId: options.groupInstanceId ?? null,
    autoOffsetReset: options.autoOffsetReset ?? 'latest',
    enableAutoCommit: options.enableAutoCommit ?? options.groupId !== undefined,
    autoCommitIntervalMs: options.autoCommitIntervalMs ?? 5000,
    isolationLevel: isolationOf(options.isolationLevel ?? 'read_uncommitted'),
    maxPollRecords: options.maxPollRecords ?? 500,
    fetchMinBytes: options.fetchMinBytes ?? 1,
    fetchMaxWaitMs: options.fetchMaxWaitMs ?? 500,
    fetchMaxBytes: options.fetchMaxBytes ?? 50 * 1024 * 1024,
    maxPartitionFetchBytes: options.maxPartitionFetchBytes ?? 1024 * 1024,
    maxBufferedBytes: options.maxBufferedBytes ?? 64 * 1024 * 1024,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 45_000,
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? 3000,
    maxPollIntervalMs: options.maxPollIntervalMs ?? 300_000,
    assignors: assignorsOf(options),
    logger: loggerOf(options),
    clientRack: options.clientRack ?? null,
    apiTimeoutMs: options.apiTimeoutMs ?? 60_000,
    allowAutoCreate: options.allowAutoCreate ?? true,
    enableMetricsPush: options.enableMetricsPush ?? true,
  }
  checkGroup(settings)
  return settings
}

function checkGroup(settings: ConsumerSettings): void {
  const { groupId, groupInstanceId, heartbeatIntervalMs, sessionTimeoutMs } = settings
  if (groupId === undefined && settings.enableAutoCommit)
    throw invalid('enableAutoCommit needs a groupId.', 'Offsets are committed for a group.')
  if (groupId === undefined && groupInstanceId !== null)
    throw invalid('groupInstanceId needs a groupId.', 'It names a member of a group.')
  if (groupInstanceId !== null && !/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/.test(groupInstanceId))
    throw invalid(
      `groupInstanceId is "${groupInstanceId}".`,
      'It has 1 to 249 characters of a-z, A-Z, 0-9, ".", "_", "-".',
    )
  if (heartbeatIntervalMs >= sessionTimeoutMs) {
    const text = `heartbeatIntervalMs (heartbeat_interval_ms, ${heartbeatIntervalMs}) is not below sessionTimeoutMs (session_timeout_ms, ${sessionTimeoutMs}).`
    throw invalid(text, 'Take a third of the session timeout or less.')
  }
  if (groupId !== undefined && heartbeatIntervalMs > sessionTimeoutMs / 3) warnOfHeartbeats(settings)
}

function warnOfHeartbeats({ heartbeatIntervalMs, sessionTimeoutMs, logger, groupId }: ConsumerSettings): void {
  const text = `heartbeatIntervalMs (${heartbeatIntervalMs}) is above a third of sessionTimeoutMs (${sessionTimeoutMs}): two late heartbeats cost membership.`
  logger.warn(text, { group: groupId ?? '', heartbeatIntervalMs, sessionTimeoutMs })
}

function isolationOf(level: IsolationLevel): 0 | 1 {
  return level === 'read_committed' ? 1 : 0
}
