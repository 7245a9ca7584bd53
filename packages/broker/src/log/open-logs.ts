import { LogStore, type LogStoreOptions } from './log-store.js'
import type { Logs, LogTopic } from './logs.js'

export interface OpenLogsOptions extends LogStoreOptions {
  /** All topics there are, from the catalog. What is stored of others is removed: their deletion was cut short. */
  topics: readonly { topic: LogTopic; partitionCount: number }[]
}

/** Begins a new leadership of everything in the storage and opens the logs of all topics. */
export async function openLogs({ topics, ...options }: OpenLogsOptions): Promise<Logs> {
  const logs = await LogStore.open(options)
  for (const { topic, partitionCount } of topics) await logs.create(topic, [...Array(partitionCount).keys()])
  // No topics at all: perhaps it is the catalog that was lost, and these data are all there is.
  if (topics.length > 0) await logs.removeStrays()
  return logs
}
