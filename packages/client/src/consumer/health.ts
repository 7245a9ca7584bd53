import type { RebalanceProtocol } from '@rivven/groups'
import type { RivvenError } from '@rivven/link'
import type { Cluster } from '../net/cluster.js'
import type { TopicPartition } from '../topic-partition.js'
import type { MembershipState } from './group/member.js'
import type { Membership } from './group/membership.js'
import type { GroupWaiting } from './group/wait-watch.js'
import type { Lifetime } from './lifetime.js'
import type { ConsumerSettings } from './options/consumer-options.js'
import { missingTopics } from './state/missing-topics.js'
import type { SubscriptionState } from './state/subscription-state.js'
import type { Troubles } from './state/troubles.js'

/** Where a consumer stands: membership's states, `unsubscribed` and `manual` without one, `closed` at the end. */
export type ConsumerState = MembershipState | 'unsubscribed' | 'manual' | 'closed'

/** How a consumer is. */
export interface ConsumerHealth {
  readonly state: ConsumerState
  /** It reads what it should: nothing fails, and it is no member or one whose heartbeats are answered. */
  readonly isHealthy: boolean
  readonly groupId: string | null
  /** '' while it is no member. */
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** -1 while it is no member. */
  readonly generation: number
  /** How it takes part in rebalances, and the assignor that the group elected last; null before the first assignment. */
  readonly protocol: RebalanceProtocol | null
  readonly assignor: string | null
  /** `host:port` of the group's coordinator, as far as it is known. */
  readonly coordinator: string | null
  /** Milliseconds since a heartbeat (or joining) was last answered; null while it is no member. */
  readonly lastHeartbeatAgoMs: number | null
  /** Milliseconds since poll returned, 0 while it waits; null without a group. At maxPollIntervalMs it leaves the group. */
  readonly lastPollAgoMs: number | null
  readonly assignment: readonly TopicPartition[]
  /** Whom the group waits for while it rebalances, once that takes longer than 5 s; else null. */
  readonly waiting: GroupWaiting | null
  /** What fails at present and is tried again, which poll throws when it lasts; or topics that are read and do not exist. */
  readonly trouble: RivvenError | null
}

export interface HealthParts {
  readonly cluster: Cluster
  readonly settings: ConsumerSettings
  readonly subscription: SubscriptionState
  readonly membership: Membership | null
  readonly troubles: Troubles
  readonly lifetime: Lifetime
}

export function stateOf({ lifetime, subscription, membership }: HealthParts): ConsumerState {
  if (lifetime.isClosed) return 'closed'
  const { kind } = subscription.interest
  if (kind === 'none') return 'unsubscribed'
  return kind === 'manual' ? 'manual' : (membership?.state ?? 'unsubscribed')
}

export function healthOf(parts: HealthParts, assignment: readonly TopicPartition[]): ConsumerHealth {
  const { cluster, settings, subscription, troubles } = parts
  const state = stateOf(parts)
  const membership = subscription.isShared ? parts.membership : null
  const coordinator = cluster.knownCoordinator(settings.groupId ?? '', 'group')?.address
  const trouble = troubles.present ?? cluster.trouble ?? missingTopics(subscription, cluster.image)
  const now = cluster.runtime.clock.monotonic()
  const isMember = membership !== null && membership.generationId >= 0
  const ages = membership?.ages(now)
  const lastHeartbeatAgoMs = isMember && ages ? ages.heartbeatMs : null
  const isHeard = lastHeartbeatAgoMs === null || lastHeartbeatAgoMs < settings.sessionTimeoutMs
  const assignor = membership?.assignor ?? null
  return {
    state,
    isHealthy: trouble === null && isHeard && state !== 'failed' && state !== 'closed',
    groupId: settings.groupId ?? null,
    memberId: membership?.memberId ?? '',
    groupInstanceId: settings.groupInstanceId,
    generation: membership?.generationId ?? -1,
    protocol: membership && assignor !== null ? membership.protocol : null,
    assignor,
    coordinator: coordinator ? `${coordinator.host}:${coordinator.port}` : null,
    lastHeartbeatAgoMs,
    lastPollAgoMs: ages ? ages.pollMs : null,
    assignment,
    waiting: membership?.waiting(now) ?? null,
    trouble,
  }
}
