import type { Runtime } from '@rivven/runtime'
import { Breath } from '../breath.js'
import type { PartitionsOfTopics } from '../cluster/peers/end-offsets.js'
import type { Coordinator } from '../coordinator/groups/coordinator.js'
import type { LagSources } from './standings.js'

interface Sources extends LagSources {
  readonly coordinator: Pick<Coordinator, 'groups'>
  readonly runtime: Pick<Runtime, 'clock'>
}

/** To be waited for before lag is told: where those partitions end in which groups have committed, and which others lead. */
export function learnEnds(sources: Sources): Promise<void> {
  return sources.endOffsets.refresh(() => committedElsewhere(sources))
}

async function committedElsewhere({ coordinator, catalog, logs, runtime }: Sources): Promise<PartitionsOfTopics> {
  const breath = new Breath(runtime.clock)
  const found = new Map<string, Set<number>>()
  for (const { offsets } of coordinator.groups()) {
    for (const [topic, partitions] of offsets.committed) {
      if (!catalog.topic(topic)) continue
      const ofTopic = found.get(topic) ?? new Set()
      for (const partition of partitions.keys()) if (!logs.has(topic, partition)) ofTopic.add(partition)
      if (ofTopic.size > 0) found.set(topic, ofTopic)
    }
    if (breath.isDue) await breath.take()
  }
  return found
}
