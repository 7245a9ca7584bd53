import type { Plan } from './plan.js'

/** The one broker of a plan without a cluster. */
export const brokerHost = 'broker'
/** Where users log in, in a plan with security. */
export const loginServers = `${brokerHost}:9093`

/** Machines on which brokers run: `broker`, or `broker-1`, `broker-2` and so on. */
export function brokerHosts({ cluster }: Pick<Plan, 'cluster'>): string[] {
  if (cluster === undefined) return [brokerHost]
  return Array.from({ length: cluster.brokers }, (_, at) => `broker-${at + 1}`)
}

/** Who comes here is not asked for a name, and may do everything. */
export function bootstrapServersOf(plan: Pick<Plan, 'cluster'>): string {
  return brokerHosts(plan).map(openAddress).join(',')
}

export function openAddress(host: string): string {
  return `${host}:9092`
}
