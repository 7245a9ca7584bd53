import type { Group } from '@rivven/groups'
import { errorOf } from '@rivven/protocol'
import type { GroupMetrics } from '../coordinator/groups/group-metrics.js'
import type { GroupHistories } from '../coordinator/history/group-histories.js'
import { histogramSamples, labelText, metricHead, sample } from './exposition.js'
import { type LagSampleSources, lagMetrics } from './lag-samples.js'

export interface GroupSampleSources extends LagSampleSources {
  readonly metrics: GroupMetrics
  readonly histories: GroupHistories
}

/** One metric of groups: its head, and its lines for one group. */
export interface GroupMetric {
  readonly head: string
  samplesOf(group: Group, sources: GroupSampleSources): string
}

/**
 * The metrics with a series for each group. They are written by hand, a few groups at a time, instead of by prom-client:
 * that makes the text of a metric in one go, for all groups, while nobody else is served (docs/monitoring.md has figures).
 */
export const groupMetrics: readonly GroupMetric[] = [
  metric('rivven_consumer_group_members', 'gauge', 'Members of the group; 0 when it only has committed offsets.', {
    samplesOf: (name, { groupId, members }) => sample(name, labelText({ group: groupId }), members.size),
  }),
  ...lagMetrics,
  metric('rivven_consumer_group_rebalances_total', 'counter', 'Rebalances of the group that began, by join phases.', {
    samplesOf(name, group, { metrics }) {
      return sample(name, labelText({ group: group.groupId }), metrics.of(group)?.rebalances ?? 0)
    },
  }),
  metric(
    'rivven_consumer_group_rebalance_duration_seconds',
    'histogram',
    'Seconds from the start of the join phase until the group was stable again.',
    {
      samplesOf(name, group, { metrics }) {
        const counts = metrics.of(group)?.rebalanceSeconds
        return counts ? histogramSamples(name, labelText({ group: group.groupId }), counts) : ''
      },
    },
  ),
  metric('rivven_consumer_group_refused_commits_total', 'counter', 'Commits of offsets that were refused, by error.', {
    samplesOf(name, group, { metrics }) {
      let text = ''
      for (const [code, count] of metrics.of(group)?.refusedCommits ?? [])
        text += sample(name, labelText({ group: group.groupId, error: errorOf(code).name }), count)
      return text
    },
  }),
  metric(
    'rivven_consumer_group_redelivered_records_total',
    'counter',
    'Records that were read again by another member after a rebalance.',
    {
      samplesOf(name, group, { histories }) {
        return sample(name, labelText({ group: group.groupId }), histories.of(group)?.handOvers.readAgain ?? 0)
      },
    },
  ),
  metric(
    'rivven_consumer_group_resets_total',
    'counter',
    'Changes of offsets by others than members, by how they were made (docs/live-reset.md).',
    {
      samplesOf(name, group, { metrics }) {
        let text = ''
        for (const [how, count] of metrics.of(group)?.resets ?? [])
          text += sample(name, labelText({ group: group.groupId, how }), count)
        return text
      },
    },
  ),
  metric(
    'rivven_consumer_commit_latency_seconds',
    'histogram',
    'Seconds from the request of a commit of offsets until it was on stable storage and answered.',
    {
      samplesOf(name, group, { metrics }) {
        const counts = metrics.of(group)?.commitSeconds
        return counts ? histogramSamples(name, labelText({ group: group.groupId }), counts) : ''
      },
    },
  ),
]

interface Samples {
  samplesOf(name: string, group: Group, sources: GroupSampleSources): string
}

function metric(
  name: string,
  type: 'gauge' | 'counter' | 'histogram',
  help: string,
  { samplesOf }: Samples,
): GroupMetric {
  return {
    head: metricHead(name, type, help),
    samplesOf: (group, sources) => samplesOf(name, group, sources),
  }
}
