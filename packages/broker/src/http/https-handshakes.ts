import type { Arrival, Clock, TlsListen } from '@rivven/runtime'
import type { HttpListenerConfig } from '../config/http-listener.js'
import { HandshakeLine } from '../net/entrance/handshake-line.js'

/**
 * Handshakes of HTTPS cost the event loop as much as those of other listeners, so they wait in a line as well: so many a second
 * begin, behind the requests that have come. How many wait is bounded by the connections that HTTP has.
 */
export function withHandshakesInTurn(tls: TlsListen, { values }: HttpListenerConfig, clock: Clock): TlsListen {
  const { ssl_handshakes_per_second: perSecond, ssl_handshake_timeout_ms: withinMs } = values
  const line = new HandshakeLine<() => void>(clock, perSecond, (shake) => shake())
  const arrived = (arrival: Arrival): void => {
    // Later on Node sees to the time.
    const shake = (): void => {
      timer.cancel()
      arrival.shake()
    }
    const timer = clock.setTimer(withinMs, () => {
      tls.onRefused(arrival.remote, 'its handshake was not done in ssl_handshake_timeout_ms')
      arrival.destroy()
    })
    arrival.awaitHello(() => line.add(shake))
    arrival.onGone(() => {
      timer.cancel()
      line.leave(shake)
    })
  }
  return { ...tls, arrived }
}
