import type { Api } from '@rivven/protocol'
import { addressText } from '../address.js'
import { RivvenError } from '../errors/errors.js'
import type { LiveConnection } from './live-connection.js'

/** The highest version that both sides speak. Throws UNSUPPORTED_BY_BROKER when there is none. */
export function chooseVersion(live: LiveConnection, api: Api, maxVersion = Number.POSITIVE_INFINITY): number {
  const offered = live.versions.get(api.key)
  const version = Math.min(api.versions.max, offered?.max ?? -1, maxVersion)
  if (offered && version >= api.versions.min && version >= offered.min) return version
  const where = addressText(live.connection.address)
  const theirs = offered ? `versions ${offered.min} to ${offered.max} of it` : 'none of it'
  const text = `${api.name} is not possible with the broker at ${where}: it offers ${theirs}, this client speaks ${api.versions.min} to ${api.versions.max}.`
  throw new RivvenError('UNSUPPORTED_BY_BROKER', text, {
    facts: { api: api.name, address: where, broker: live.broker },
  })
}
