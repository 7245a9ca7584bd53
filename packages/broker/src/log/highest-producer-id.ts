import type { Logs } from './logs.js'

/** The highest producer id that the logs of these topics have seen and not forgotten, -1 without any. */
export function highestProducerId(
  logs: Logs,
  topics: readonly { readonly name: string; readonly partitionCount: number }[],
): number {
  let highest = -1
  for (const { name, partitionCount } of topics) {
    for (let partition = 0; partition < partitionCount; partition++) {
      const known = logs.opened(name, partition)?.producers.producers.keys() ?? []
      for (const producerId of known) highest = Math.max(highest, producerId)
    }
  }
  return highest
}
