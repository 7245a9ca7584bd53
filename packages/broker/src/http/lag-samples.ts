import { type Group, statuses } from '@rivven/groups'
import type { GroupLag } from '../lag/group-lag.js'
import { type LagSources, standingsOf } from '../lag/standings.js'
import { labelText, metricHead, sample } from './exposition.js'
import type { GroupMetric } from './group-samples.js'

/** What has series of its own: `GET /metrics?detail=`. Of less the sum is told, of seconds the most. */
export const details = ['partition', 'topic', 'group'] as const
export type Detail = (typeof details)[number]

export interface LagSampleSources extends LagSources {
  readonly lag: GroupLag
  readonly detail: Detail
}

type Gauge = readonly [partition: number, value: number]

/** How far groups are behind, in records and in seconds, and how they do. */
export const lagMetrics: readonly GroupMetric[] = [
  perPartition(
    'rivven_consumer_group_lag',
    'Records between the committed offset of the group and the end of the partition (high watermark).',
    (group, sources) =>
      Array.from(standingsOf(group, sources), ({ topic, partition, lag }) => [topic, [partition, lag]]),
    (sum, lag) => sum + Math.max(0, lag),
  ),
  perPartition(
    'rivven_consumer_group_lag_seconds',
    'How long the first record that the group has yet to get has been in the partition; 0 when there is none.',
    secondsOf,
    Math.max,
  ),
  perGroup(
    'rivven_consumer_group_max_lag_seconds',
    'gauge',
    'The same of the partition in which the group is furthest behind.',
    (group, sources) => sources.lag.sampler.sampleOf(group)?.lagSeconds ?? mostSeconds(group, sources),
  ),
  perGroup(
    'rivven_consumer_group_status',
    'gauge',
    `How the group does in the partition where it does worst: ${statuses.map((status, at) => `${at} ${status}`).join(', ')}.`,
    (group, { lag }) => {
      const status = lag.sampler.sampleOf(group)?.status
      return status && statuses.indexOf(status)
    },
  ),
  perGroup(
    'rivven_consumer_group_lost_records_total',
    'counter',
    'Records that were removed before the group had read them.',
    (group, { lag }) => lag.sampler.sampleOf(group)?.lost,
  ),
]

function secondsOf(group: Group, sources: LagSampleSources): (readonly [topic: string, gauge: Gauge])[] {
  return Array.from(standingsOf(group, sources), (standing) => {
    const seconds = sources.lag.secondsOf(group, standing)
    return seconds === null ? [] : [[standing.topic, [standing.partition, seconds]] as const]
  }).flat()
}

function mostSeconds(group: Group, sources: LagSampleSources): number {
  return secondsOf(group, sources).reduce((most, [, [, seconds]]) => Math.max(most, seconds), 0)
}

function perPartition(
  name: string,
  help: string,
  gaugesOf: (group: Group, sources: LagSampleSources) => (readonly [topic: string, gauge: Gauge])[],
  together: (one: number, other: number) => number,
): GroupMetric {
  return {
    head: metricHead(name, 'gauge', help),
    samplesOf(group, sources) {
      if (sources.detail === 'group') return ''
      const labels = labelText({ group: group.groupId })
      const gauges = gaugesOf(group, sources)
      if (sources.detail === 'topic') return topicSamples(name, labels, gauges, together)
      let text = ''
      for (const [topic, [partition, value]] of gauges)
        text += sample(name, `${labels},${labelText({ topic, partition })}`, value)
      return text
    },
  }
}

function topicSamples(
  name: string,
  labels: string,
  gauges: readonly (readonly [topic: string, gauge: Gauge])[],
  together: (one: number, other: number) => number,
): string {
  const values = new Map<string, number>()
  for (const [topic, [, value]] of gauges) values.set(topic, together(values.get(topic) ?? 0, value))
  return Array.from(values, ([topic, value]) => sample(name, `${labels},${labelText({ topic })}`, value)).join('')
}

function perGroup(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  numberOf: (group: Group, sources: LagSampleSources) => number | undefined,
): GroupMetric {
  return {
    head: metricHead(name, type, help),
    samplesOf(group, sources) {
      const value = numberOf(group, sources)
      return value === undefined ? '' : sample(name, labelText({ group: group.groupId }), value)
    },
  }
}
