import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Arrival, TlsListen } from '@rivven/runtime'
import { authorizationOf } from '../../src/config/authorization.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { type HttpListenerConfig, httpListenerOf } from '../../src/config/http-listener.js'
import { listenersOf } from '../../src/config/listeners/listeners.js'
import { withHandshakesInTurn } from '../../src/http/https-handshakes.js'
import { settled, TestClock } from '../coordinator/test-clock.js'

/** What comes over HTTPS, by number. */
class Rig {
  readonly clock = new TestClock()
  readonly shaken: number[] = []
  readonly destroyed: number[] = []
  readonly refused: string[] = []
  readonly gone: (() => void)[] = []
  readonly #tls: TlsListen

  constructor(values: Record<string, unknown>) {
    const config = brokerConfig([{ from: 'test', values }])
    const listener = httpListenerOf(config, authorizationOf(config, listenersOf(config))) as HttpListenerConfig
    const tls = { onRefused: (_remote: unknown, reason: string) => void this.refused.push(reason) } as TlsListen
    this.#tls = withHandshakesInTurn(tls, listener, this.clock)
  }

  come(at: number, saysHello = true): void {
    this.#tls.arrived?.({
      remote: { host: '10.0.0.1', port: 1 },
      awaitHello: (ready: () => void) => saysHello && ready(),
      shake: () => void this.shaken.push(at),
      onGone: (listener: () => void) => void this.gone.push(listener),
      destroy: () => void this.destroyed.push(at),
    } as Partial<Arrival> as Arrival)
  }
}

test('so many handshakes of HTTPS begin in a second, of those who have said hello and are there', async () => {
  const rig = new Rig({ http: '127.0.0.1:9644', ssl_handshakes_per_second: 2 })
  for (let at = 0; at < 5; at++) rig.come(at, at !== 1)
  rig.gone[3]?.()
  await settled()
  await settled()
  assert.deepEqual(rig.shaken, [0, 2])
  await rig.clock.advance(1_000)
  assert.deepEqual(rig.shaken, [0, 2, 4])
})

test('who says nothing is sent away in time, and told; who waits for us or is served is not', async () => {
  const rig = new Rig({ http: '127.0.0.1:9644', ssl_handshake_timeout_ms: 3_000 })
  rig.come(0, false)
  rig.come(1)
  rig.come(2, false)
  rig.gone[2]?.()
  await settled()
  await rig.clock.advance(3_000)
  assert.deepEqual([rig.destroyed, rig.shaken], [[0], [1]])
  assert.deepEqual(rig.refused, ['its handshake was not done in ssl_handshake_timeout_ms'])
})
