import type { BrokerServices } from '../handlers/handler.js'
import type { PartitionLog } from '../log/partition-log.js'

/** The logs of topics that are open here, but for those of coordinators. */
export function* eachLog({ catalog, logs }: Pick<BrokerServices, 'catalog' | 'logs'>): Iterable<PartitionLog> {
  for (const { name, partitionCount, isInternal } of catalog.topics()) {
    if (isInternal) continue
    for (let partition = 0; partition < partitionCount; partition++) {
      const log = logs.opened(name, partition)
      if (log?.isReadable) yield log
    }
  }
}
