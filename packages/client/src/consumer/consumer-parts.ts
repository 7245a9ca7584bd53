import type { Clock } from '@rivven/runtime'
import type { ConsumerMetrics } from '../diagnostics/metrics.js'
import { Cluster } from '../net/cluster.js'
import type { ClusterImage } from '../net/cluster-image.js'
import { GroupRequests } from '../net/group-requests.js'
import type { OpenCalls } from '../net/open-calls.js'
import { Fetcher } from './fetch/fetcher.js'
import { Membership } from './group/membership.js'
import { ListenerCalls } from './group/rebalance-listener.js'
import { Lifetime } from './lifetime.js'
import { metricsOf } from './metrics.js'
import { AutoCommit, noteSettled } from './offsets/auto-commit.js'
import { unsharedClaim } from './offsets/commit-claims.js'
import { Commits } from './offsets/commits.js'
import { CommittedOffsets } from './offsets/committed-offsets.js'
import { OffsetQueries } from './offsets/offset-queries.js'
import { Positions } from './offsets/positions.js'
import { type ConsumerOptions, type ConsumerSettings, consumerSettings } from './options/consumer-options.js'
import { PollLoop } from './poll-loop.js'
import { Progress } from './progress.js'
import { Seeks } from './seeks.js'
import { Bell } from './state/bell.js'
import { SubscriptionState } from './state/subscription-state.js'
import { TopicWatch } from './state/topic-watch.js'
import { Troubles } from './state/troubles.js'
import { Subscribing } from './subscribing.js'
import { metricsPushOf } from './telemetry/metrics-push-of.js'

/** What a consumer's calls are made of. */
export interface ConsumerParts {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly settings: ConsumerSettings
  readonly subscription: SubscriptionState
  readonly bell: Bell
  readonly troubles: Troubles
  readonly listener: ListenerCalls
  readonly calls: OpenCalls
  /** null: without a groupId. */
  readonly membership: Membership | null
  readonly subscribing: Subscribing
  readonly fetcher: Fetcher
  readonly queries: OffsetQueries
  readonly progress: Progress
  readonly seeks: Seeks
  readonly loop: PollLoop
  readonly lifetime: Lifetime
  metrics(): ConsumerMetrics
}

/** Makes the parts and ties them together; opens no connection. Throws INVALID_ARGUMENT for options that make no sense. */
export function consumerParts(options: ConsumerOptions): ConsumerParts {
  const settings = consumerSettings(options)
  const cluster = new Cluster(options, 'for calls')
  const { clock } = cluster.runtime
  const { retryBackoffMs } = cluster
  const subscription = new SubscriptionState()
  const bell = new Bell(clock)
  const troubles = new Troubles(clock, cluster.requestTimeoutMs)
  const listener = new ListenerCalls(clock, settings.maxPollIntervalMs)
  const { calls } = cluster
  const who = { clientId: cluster.clientId, groupId: settings.groupId ?? null }
  const shared = { who, cluster, clock, settings, subscription, troubles, bell, listener, calls }
  const requests = settings.groupId === undefined ? null : new GroupRequests(cluster, settings.groupId)
  const member = () => (subscription.isShared ? membership : null)
  const commits = new Commits(cluster, requests, {
    claimFor: (offsets) => member()?.claimFor(offsets) ?? unsharedClaim,
    refused: (code, identity, reason) => {
      const present = member()
      return present ? present.refused(code, identity, reason) : code
    },
    settled: (offsets) => noteSettled(subscription, offsets),
  })
  const committed = new CommittedOffsets(cluster, requests)
  const onChange = (image: ClusterImage) => {
    if (lifetime.isClosed) return
    positions.check(image)
    member()?.imageChanged(image)
    fetcher.pump()
    bell.ring()
  }
  const watch = new TopicWatch({ ...shared, onChange })
  const positions = new Positions({ ...shared, committed, watch })
  const autoCommit = new AutoCommit({ ...shared, commits, retryBackoffMs })
  const commitHandled = (timeoutMs: number) => autoCommit.flush(timeoutMs)
  const membership = requests && new Membership({ ...shared, requests, watch, commitHandled })
  const onHint = () => membership?.hinted() ?? 'cooperative'
  const fetcher = new Fetcher({ ...shared, watch, positions, onHint })
  const metrics = () => metricsOf({ ...shared, membership, lifetime, loop, fetcher, commits })
  const loop = new PollLoop({ ...shared, metrics, watch, positions, membership, fetcher, autoCommit })
  const metricsPush = metricsPushOf({ ...shared, membership, metrics, pollTimes: loop.times })
  const lifetime = new Lifetime({
    ...shared,
    metricsPush,
    loop,
    membership,
    fetcher,
    positions,
    watch,
    autoCommit,
    commits,
  })
  const subscribing = new Subscribing({ ...shared, membership, autoCommit, lifetime })
  const progress = new Progress({ ...shared, commits, committed, membership, lifetime })
  const seeks = new Seeks({ ...shared, positions, lifetime })
  const queries = new OffsetQueries(cluster, settings)
  return { ...shared, membership, subscribing, fetcher, queries, progress, seeks, loop, lifetime, metrics }
}
