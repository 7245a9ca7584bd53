import type { Plan } from './plan.js'

/** The one broker of a plan without a cluster. */
export const brokerHost = 'broker'
/** Where users log in, in a plan with security. */
export const loginServers = `${brokerHost}:9093`

type Brokers = Pick<Plan, 'cluster'>

/** Machines on which brokers run from the beginning: `broker`, or `broker-1`, `broker-2` and so on. */
export function foundingHosts({ cluster }: Brokers): string[] {
  return cluster === undefined ? [brokerHost] : hostsOf(cluster.brokers)
}

/** With the one that joins later, if one does. */
export function brokerHosts(plan: Brokers): string[] {
  return plan.cluster?.joinsAt === undefined ? foundingHosts(plan) : hostsOf(plan.cluster.brokers + 1)
}

/** Who comes here is not asked for a name, and may do everything. */
export function bootstrapServersOf(plan: Brokers): string {
  return foundingHosts(plan).map(openAddress).join(',')
}

export function openAddress(host: string): string {
  return `${host}:9092`
}

function hostsOf(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `broker-${at + 1}`)
}
