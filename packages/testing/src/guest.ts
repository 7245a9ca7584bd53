import { Broker, type BrokerConfig, type Database, type OwnStorage, silentLog } from '@rivven/broker'
import { addressText, guestListenHttp, guestRuntime } from '@rivven/runtime'
import { withCertificateFiles } from './certificates/certificate-files.js'

const guest = guestRuntime()

/** A test that has failed leaves its brokers open: they must not keep the process. */
export const runtime = { ...guest, disk: withCertificateFiles(guest.disk) }

/** What a broker stores in: of its own, or shared with others. */
export type Stored = { readonly storage: OwnStorage } | { readonly database: Database }

export function startBroker(config: BrokerConfig, stored: Stored): Promise<Broker> {
  return Broker.start({ config, runtime, ...stored, log: silentLog(), listenHttp: guestListenHttp })
}

/** Where HTTP is served, 'http://host:port'; undefined: nowhere. */
export function urlOf({ httpAddress, isHttpEncrypted }: Broker): string | undefined {
  return httpAddress && `${isHttpEncrypted ? 'https' : 'http'}://${addressText(httpAddress)}`
}

/** Where a broker listens, as keys of its next life. */
export function sameAddresses(
  { listeners }: BrokerConfig,
  broker: Broker,
): Pick<BrokerConfig, 'listeners' | 'listen' | 'http'> {
  const listen = addressText(broker.address)
  const http = urlOf(broker)?.replace(/^https?:\/\//, '') ?? 'off'
  if (listeners === '') return { listeners, listen, http }
  const named = broker.listeners.map(({ name, address }) => `${name}://${addressText(address)}`)
  return { listeners: named.join(','), listen, http }
}
