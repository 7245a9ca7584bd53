import { Counter, Gauge, type Registry } from 'prom-client'
import type { BrokerServices } from '../handlers/handler.js'

/** What this broker knows of its cluster. */
export function addCluster(registry: Registry, { cluster }: BrokerServices): void {
  const registers = [registry]
  new Gauge({
    name: 'rivven_cluster_brokers',
    help: 'Brokers that are here, as far as this one knows.',
    registers,
    collect() {
      this.set(cluster.image.brokers.size)
    },
  })
  new Gauge({
    name: 'rivven_cluster_lease_age_seconds',
    help: 'Time since the last sign of life that the others have heard of; 0 of a broker that is alone.',
    registers,
    collect() {
      this.set((cluster.leaseAgeMs ?? 0) / 1000)
    },
  })
  new Gauge({
    name: 'rivven_partitions_led',
    help: 'Partitions that this broker leads, internal ones included.',
    registers,
    collect() {
      let led = 0
      for (const { partitions } of cluster.image.topics.values()) {
        for (const { leader } of partitions) if (leader === cluster.brokerId) led += 1
      }
      this.set(led)
    },
  })
  new Gauge({
    name: 'rivven_partitions_without_leader',
    help: 'Partitions, of all brokers, whose leader is gone, as far as this one knows.',
    registers,
    collect() {
      const { brokers, topics } = cluster.image
      let lost = 0
      for (const { partitions } of topics.values()) {
        for (const { leader } of partitions) if (leader === null || !brokers.has(leader)) lost += 1
      }
      this.set(lost)
    },
  })
  new Counter({
    name: 'rivven_leader_moves_total',
    help: 'Partitions that went to another leader: those that this broker gave away, and those of dead ones that it gave to others.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const [reason, count] of cluster.counts.moves) this.inc({ reason }, count)
    },
  })
  new Counter({
    name: 'rivven_leases_lost_total',
    help: 'How often this broker had to close what it led, because the others may have taken it for dead.',
    registers,
    collect() {
      this.reset()
      this.inc(cluster.counts.leasesLost)
    },
  })
}

/** How storing goes; nothing of a broker that is alone, which has files. */
export function addSharedStorage(registry: Registry, { cluster }: BrokerServices): void {
  const figures = cluster.storageFigures
  if (!figures) return
  const registers = [registry]
  new Gauge({
    name: 'rivven_storage_queue_bytes',
    help: 'Batches that wait to be stored in the database that brokers share, or are on their way there.',
    registers,
    collect() {
      this.set(figures.queueBytes)
    },
  })
  new Counter({
    name: 'rivven_storage_unavailable_seconds_total',
    help: 'Time in which the database that brokers share has not answered.',
    registers,
    collect() {
      this.reset()
      this.inc(figures.unavailableSeconds)
    },
  })
  new Gauge({
    name: 'rivven_storage_chunk_oldest_seconds',
    help: 'Age of the oldest closed part of the tables of batches, by the class of how long it is kept: retention shall have emptied it.',
    labelNames: ['keep'],
    registers,
    collect() {
      this.reset()
      for (const [keep, ageMs] of figures.oldestChunks) this.set({ keep }, ageMs / 1_000)
    },
  })
}
