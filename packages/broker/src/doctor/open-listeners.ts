import type { OpenListenerFact } from '@rivven/doctor'
import { formatAddress, isLoopback } from '../config/address.js'
import { authorizationOf } from '../config/authorization.js'
import type { BrokerConfig } from '../config/broker-config.js'
import { authenticates } from '../config/listeners/listener-rules.js'
import { listenersOf } from '../config/listeners/listeners.js'

/** Listeners that other machines reach, where nobody logs in and no ACL says what may be done. */
export function openListeners(config: BrokerConfig): OpenListenerFact[] {
  const listeners = listenersOf(config)
  if (authorizationOf(config, listeners).authorizes) return []
  return listeners
    .filter((listener) => !authenticates(listener) && !isLoopback(listener.listen.host))
    .map(({ name, listen }) => ({ listener: name, address: formatAddress(listen) }))
}
