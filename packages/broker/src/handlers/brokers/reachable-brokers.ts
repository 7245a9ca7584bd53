import { type BrokerNode, leaderOf } from '../../cluster/image.js'
import type { BrokerServices, RequestContext } from '../handler.js'

/** A broker, and where clients of one listener reach it. */
export interface ReachableBroker {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

type Services = Pick<BrokerServices, 'cluster'>
type Context = Pick<RequestContext, 'advertised' | 'listener'>

/**
 * The brokers that are here and have the listener that the client came by, lowest id first. This one is always among them: the
 * client has just found it, also where it is not known to the others yet, or no longer.
 */
export function reachableBrokers({ cluster }: Services, context: Context): ReachableBroker[] {
  const found = [self(cluster, context)]
  for (const node of cluster.image.brokers.values()) {
    const other = node.id === cluster.brokerId ? undefined : reachable(node, context)
    if (other) found.push(other)
  }
  return found.sort((a, b) => a.id - b.id)
}

/** Undefined: it is not here, or clients of this listener cannot reach it. */
export function reachableBroker(id: number, { cluster }: Services, context: Context): ReachableBroker | undefined {
  if (id === cluster.brokerId) return self(cluster, context)
  const node = cluster.image.brokers.get(id)
  return node && reachable(node, context)
}

/** The address that the client has used stays the one it uses. */
function self({ brokerId, image }: Services['cluster'], { advertised }: Context): ReachableBroker {
  return { id: brokerId, ...advertised, rack: image.brokers.get(brokerId)?.rack ?? null }
}

function reachable({ id, addresses, rack }: BrokerNode, { listener }: Context): ReachableBroker | undefined {
  const address = addresses.get(listener)
  return address && { id, host: address.host, port: address.port, rack }
}

/**
 * Who is to be asked for a partition, as this broker tells it: null while nobody can be. That is so too where it is this one, but
 * may have been replaced.
 */
export function servingLeader(cluster: Services['cluster'], topic: string, partition: number): number | null {
  const leader = leaderOf(cluster.image, topic, partition)?.leader ?? null
  return leader === cluster.brokerId && !cluster.isServing ? null : leader
}
