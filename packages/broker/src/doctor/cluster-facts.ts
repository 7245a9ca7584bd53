import type { Facts } from '@rivven/doctor'
import { Breath } from '../breath.js'
import type { BrokerServices } from '../handlers/handler.js'
import type { FactSources } from './group-facts.js'
import { newestRecords } from './newest-records.js'
import { openListeners } from './open-listeners.js'
import { openTransactions, type TransactionsSeen } from './open-transactions.js'

/** What this broker knows of itself, and of what it leads; topics that are not `isShown` are left out. */
export async function brokerFacts(
  sources: FactSources & Pick<BrokerServices, 'cluster'>,
  seen: TransactionsSeen,
  isShown: (topic: string) => boolean,
): Promise<Facts> {
  const { brokerWatch, config, runtime } = sources
  const looking = { breath: new Breath(runtime.clock), isShown }
  const loop = brokerWatch.loop()
  return {
    transactions: await openTransactions(sources, seen, looking),
    newest: await newestRecords(sources, looking),
    ...(loop && { loop }),
    disk: await brokerWatch.disk(),
    commitLoad: brokerWatch.commits.fact(),
    openListeners: openListeners(config),
  }
}
