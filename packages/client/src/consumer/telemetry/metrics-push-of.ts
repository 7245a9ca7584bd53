import type { Cluster } from '../../net/cluster.js'
import type { Membership } from '../group/membership.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import { MetricsPush } from './metrics-push.js'
import { ToldFigures, type ToldFiguresParts } from './told-figures.js'

export interface TellingConsumer extends Pick<ToldFiguresParts, 'metrics' | 'pollTimes'> {
  cluster: Cluster
  settings: ConsumerSettings
  membership: Membership | null
}

/** Null where the application does not want it (`enableMetricsPush`). */
export function metricsPushOf({ cluster, settings, membership, ...told }: TellingConsumer): MetricsPush | null {
  if (!settings.enableMetricsPush) return null
  const { clock, loopMeter } = cluster.runtime
  const figures = new ToldFigures({ ...told, monotonic: () => clock.monotonic(), loopMeter }, clock.now())
  return new MetricsPush({ cluster, figures, attributes: () => attributesOf(settings, membership) })
}

/** By the names of Java's client. */
function attributesOf(settings: ConsumerSettings, membership: Membership | null): Record<string, string> {
  const { groupId, groupInstanceId, clientRack } = settings
  const all = {
    group_id: groupId,
    group_member_id: membership?.memberId,
    group_instance_id: groupInstanceId,
    client_rack: clientRack,
  }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1])))
}
