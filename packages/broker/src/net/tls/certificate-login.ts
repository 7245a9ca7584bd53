import { hasSasl, hasTls, type ListenerConfig } from '../../config/listeners/listener.js'
import type { Asker } from '../../security/audit/audit.js'

/** Is a client who its certificate says? With SASL it is who logs in (security.md §2.1). */
export function namesClients(config: Pick<ListenerConfig, 'protocol' | 'values'>): boolean {
  return hasTls(config) && !hasSasl(config) && config.values.ssl_client_auth !== 'none'
}

/** Who comes by TLS, before there is a request. */
export function tlsAsker(listener: string, host: string, principal = 'User:ANONYMOUS'): Asker {
  return { access: { principal, host }, clientId: '', listener, api: 'TLS' }
}
