import { type AnyBrokerFacts, toldByAnyBroker } from './any-broker-facts.js'
import { type BrokerFacts, toldByBroker } from './broker-facts.js'
import { type HistoryFacts, toldByHistory } from './history-facts.js'
import { type RivvenFacts, toldByRivven } from './rivven-facts.js'
import { type TelemetryFacts, toldByTelemetry } from './telemetry-facts.js'
import { type TwoLookFacts, toldByTwoLooks } from './two-look-facts.js'

/**
 * What is known of one group, or, without `group`, of the cluster. Whoever gathers facts leaves out what it cannot know: the
 * checks that need it are told as not looked at.
 */
export interface Facts extends AnyBrokerFacts, TwoLookFacts, RivvenFacts, HistoryFacts, BrokerFacts, TelemetryFacts {}
export type FactName = keyof Facts

/** Who would know it, as people are told. */
export const factSources: Readonly<Record<FactName, string>> = {
  ...toldByAnyBroker,
  ...toldByTwoLooks,
  ...toldByRivven,
  ...toldByHistory,
  ...toldByBroker,
  ...toldByTelemetry,
}
