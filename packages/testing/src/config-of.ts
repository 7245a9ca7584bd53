import { type BrokerConfig, brokerConfig } from '@rivven/broker'
import { notStarted } from './rivven-testing-error.js'

/** Settings for tests, under those that are given: no wait for more members of a group. */
export const forTests = { http: 'off', group_initial_rebalance_delay_ms: 0 }

/** Throws a RivvenTestingError where a key or a value does not fit. */
export function configOf(sources: Parameters<typeof brokerConfig>[0]): BrokerConfig {
  try {
    return brokerConfig(sources)
  } catch (error) {
    throw notStarted(error)
  }
}
