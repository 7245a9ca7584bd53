import { LogStore, type LogStoreOptions } from './log-store.js'
import type { Logs, LogTopic } from './logs.js'

export interface OpenLogsOptions extends LogStoreOptions {
  /** All topics there are, from the catalog. What is stored of others is set aside. */
  topics: readonly { topic: LogTopic; partitionCount: number }[]
  /** Ids of topics whose deletion was cut short: what is stored of them is removed. Default none. */
  deletedTopics?: ReadonlySet<string>
}

/** Begins a new leadership of everything in the storage and opens the logs of all topics. */
export async function openLogs({ topics, deletedTopics = new Set(), ...options }: OpenLogsOptions): Promise<Logs> {
  const logs = await LogStore.open(options)
  for (const { topic, partitionCount } of topics) await logs.create(topic, [...Array(partitionCount).keys()])
  await logs.clearStrays(deletedTopics)
  return logs
}
