import type { Logs } from './logs.js'

/** Clients may write with ids that nobody gave them: one above this was made up, and must not use up all others. */
const HIGHEST = 2 ** 50

/** The highest producer id that the logs of these topics have seen and not forgotten, -1 without any. */
export function highestProducerId(
  logs: Logs,
  topics: readonly { readonly name: string; readonly partitionCount: number }[],
): number {
  let highest = -1
  for (const { name, partitionCount } of topics) {
    for (let partition = 0; partition < partitionCount; partition++) {
      for (const producerId of logs.opened(name, partition)?.producers.producers.keys() ?? []) {
        if (producerId <= HIGHEST) highest = Math.max(highest, producerId)
      }
    }
  }
  return highest
}
