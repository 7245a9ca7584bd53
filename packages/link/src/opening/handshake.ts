import { ApiVersions, type ApiVersionsResponse, ErrorCode } from '@rivven/protocol'
import { VERSION } from '@rivven/runtime'
import { addressText } from '../address.js'
import type { Connection } from '../connection/connection.js'
import { errorFromCode } from '../errors/errors.js'

/** The versions of each API, by its key, that the broker at the other end offers. */
export type OfferedVersions = ReadonlyMap<number, { min: number; max: number }>

/** What a broker says of itself when a connection is opened. */
export interface Offer {
  versions: OfferedVersions
  /** Features of the cluster by name, with the level that is in force (KIP-584). */
  features: ReadonlyMap<string, number>
}

const software = { clientSoftwareName: 'rivven', clientSoftwareVersion: VERSION }

/**
 * Asks a new connection which versions it offers. A broker that does not know our version of ApiVersions answers
 * UNSUPPORTED_VERSION in version 0 with its own range, or nothing: then we ask again with what it knows (data-plane §4).
 */
export async function negotiate(connection: Connection, timeoutMs: number): Promise<Offer> {
  const first = await ask(connection, ApiVersions.versions.max, timeoutMs)
  if (first.errorCode === ErrorCode.NONE) return offerOf(first)
  if (first.errorCode !== ErrorCode.UNSUPPORTED_VERSION) throw refused(connection, first.errorCode)
  const known = first.apiKeys.find((entry) => entry.apiKey === ApiVersions.key)
  const version = Math.min(known?.maxVersion ?? 0, ApiVersions.versions.max)
  const second = await ask(connection, version, timeoutMs)
  if (second.errorCode !== ErrorCode.NONE) throw refused(connection, second.errorCode)
  return offerOf(second)
}

function ask(connection: Connection, version: number, timeoutMs: number) {
  const answerVersion = (frame: Buffer) => {
    const refusedVersion = frame.length >= 6 && frame.readInt16BE(4) === ErrorCode.UNSUPPORTED_VERSION
    return refusedVersion ? 0 : version
  }
  return connection.call(ApiVersions, version, software, { timeoutMs, answerVersion })
}

function offerOf({ apiKeys, finalizedFeatures }: ApiVersionsResponse): Offer {
  return {
    versions: new Map(apiKeys.map((entry) => [entry.apiKey, { min: entry.minVersion, max: entry.maxVersion }])),
    features: new Map(finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel])),
  }
}

function refused(connection: Connection, code: number) {
  const where = addressText(connection.address)
  return errorFromCode(code, `Asking ${where} for its API versions`, { facts: { address: where, api: 'ApiVersions' } })
}
