import type { PeerAccess } from '../cluster/peers/peers.js'
import type { ListenerConfig } from './listeners/listener.js'

/** How this broker reaches others of its cluster: by the first listener, as those reach it. */
export function peerAccessOf(listeners: readonly ListenerConfig[]): PeerAccess {
  return { listener: listeners[0]?.name ?? '' }
}
