import { Broker, type BrokerOptions, brokerConfig, memoryStorage, type OwnStorage, silentLog } from '@rivven/broker'
import { nodeRuntime } from '@rivven/runtime'

const runtime = nodeRuntime()

/** A broker in this process, in memory, with listeners of its own: what startRivven does not offer. */
export function ownBroker(values: Record<string, unknown>, parts: Partial<BrokerOptions> = {}): Promise<Broker> {
  const all = { memory: true, http: 'off', group_initial_rebalance_delay_ms: 0, num_partitions: 2, ...values }
  const config = brokerConfig([{ from: 'test', values: all }])
  return Broker.start({ config, runtime, storage: newStorage(), log: silentLog(), ...parts })
}

/** Memory that outlives a broker. */
export function newStorage(): OwnStorage {
  return memoryStorage(runtime)
}
