import { groupStates } from '@rivven/groups'
import { apiByKey, errorOf } from '@rivven/protocol'
import { VERSION } from '@rivven/runtime'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { BrokerServices } from '../handlers/handler.js'
import { addCluster, addSharedStorage } from './cluster-metrics.js'
import { addSecurity } from './security-metrics.js'

/** Metrics of the broker as a whole and of its process: few series, published when they are asked for. */
export function brokerRegistry(services: BrokerServices): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  addBuild(registry)
  addTraffic(registry, services)
  addSecurity(registry, services)
  addContents(registry, services)
  addCluster(registry, services)
  addSharedStorage(registry, services)
  addStreams(registry, services)
  return registry
}

function addStreams(registry: Registry, { streamPlaces }: BrokerServices): void {
  new Gauge({
    name: 'rivven_http_streams',
    help: 'Streams of events that are open over HTTP.',
    registers: [registry],
    collect() {
      this.set(streamPlaces.count)
    },
  })
}

function addBuild(registry: Registry): void {
  const name = 'rivven_build_info'
  const help = 'Always 1; the labels say which Rivven on which Node.'
  const gauge = new Gauge({ name, help, labelNames: ['version', 'node_version'], registers: [registry] })
  gauge.set({ version: VERSION, node_version: process.version }, 1)
}

function addTraffic(registry: Registry, { traffic }: BrokerServices): void {
  counter(registry, 'rivven_connections_total', 'Connections of clients since the start.', () => traffic.connections)
  counter(registry, 'rivven_received_bytes_total', 'Bytes received from clients.', () => traffic.bytesIn)
  counter(registry, 'rivven_sent_bytes_total', 'Bytes sent to clients.', () => traffic.bytesOut)
  const registers = [registry]
  new Counter({
    name: 'rivven_requests_total',
    help: 'Answered requests by API.',
    labelNames: ['api'],
    registers,
    collect() {
      this.reset()
      for (const [apiKey, count] of traffic.requests.entries()) if (count) this.inc({ api: nameOf(apiKey) }, count)
      for (const [apiKey, count] of traffic.ownRequests) this.inc({ api: nameOf(apiKey) }, count)
    },
  })
  new Counter({
    name: 'rivven_request_errors_total',
    help: 'Errors in answers by API and error, one for each request, topic or partition that has it.',
    labelNames: ['api', 'error'],
    registers,
    collect() {
      this.reset()
      for (const [apiKey, errors] of traffic.errors) {
        for (const [code, count] of errors) this.inc({ api: nameOf(apiKey), error: errorOf(code).name }, count)
      }
    },
  })
}

function addContents(registry: Registry, services: BrokerServices): void {
  const { traffic, catalog, logs, coordinator, lag, clientTelemetry } = services
  new Gauge({
    name: 'rivven_connections',
    help: 'Connections of clients that are open.',
    labelNames: ['listener'],
    registers: [registry],
    collect() {
      for (const [listener, count] of traffic.openConnections) this.set({ listener }, count)
    },
  })
  counter(registry, 'rivven_client_pushes_total', 'Times that clients told of themselves (KIP-714).', () => {
    return clientTelemetry.pushes
  })
  gauge(registry, 'rivven_topics', 'Topics, internal ones included.', () => catalog.topics().length)
  gauge(registry, 'rivven_partitions', 'Partitions of all topics.', () => {
    let count = 0
    for (const { partitionCount } of catalog.topics()) count += partitionCount
    return count
  })
  gauge(registry, 'rivven_partitions_unwritable', 'Partitions that take no appends after an error of the disk.', () => {
    let count = 0
    for (const log of logsOf()) if (!log.isWritable) count += 1
    return count
  })
  gauge(registry, 'rivven_lag_sample_duration_seconds', 'How long the last look at the lag of all groups took.', () => {
    return lag.sampler.lastPassMs / 1_000
  })
  new Gauge({
    name: 'rivven_consumer_groups',
    help: 'Groups by state.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const state of groupStates) this.set({ state }, 0)
      for (const { state } of coordinator.groups()) this.inc({ state })
    },
  })

  function* logsOf() {
    for (const { name, partitionCount } of catalog.topics()) {
      for (let partition = 0; partition < partitionCount; partition++) {
        const log = logs.opened(name, partition)
        if (log) yield log
      }
    }
  }
}

function nameOf(apiKey: number): string {
  return apiByKey(apiKey)?.name ?? String(apiKey)
}

function counter(registry: Registry, name: string, help: string, value: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset()
      this.inc(value())
    },
  })
}

function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value())
    },
  })
}
