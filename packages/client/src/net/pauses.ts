import { type PauseOptions, Pauses } from '@rivven/link'
import type { Cluster } from './cluster.js'

/** How long this cluster's client was asked to wait between tries. */
export function pauseOptions({ runtime, retryBackoffMs, maxRetryBackoffMs }: Cluster): PauseOptions {
  const { clock, random } = runtime
  return { clock, random, backoffMs: retryBackoffMs, maxBackoffMs: maxRetryBackoffMs }
}

export function pausesOf(cluster: Cluster): Pauses {
  return new Pauses(pauseOptions(cluster))
}
