import { DerError } from './der.js'
import type { MappingRules } from './mapping-rules.js'
import { subjectName } from './subject-name.js'

export type CertificatePrincipal =
  | { readonly kind: 'named'; readonly principal: string }
  /** The connection ends; the reason is for the log. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Patterns come from the operator, but what they work on comes from a client. */
const mostNameBytes = 4096

/** Whom a certificate speaks for that was found valid; `certificate` is its DER. Never throws. */
export function certificatePrincipal(certificate: Uint8Array, rules: MappingRules): CertificatePrincipal {
  let name: string
  try {
    name = subjectName(certificate)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    return refused(`its subject cannot be read: ${error.message}`)
  }
  if (name === '') return refused('its subject is empty')
  if (Buffer.byteLength(name) > mostNameBytes) return refused(`its subject has more than ${mostNameBytes} bytes`)
  const mapped = rules.apply(name)
  return mapped === undefined
    ? refused(`no rule of ssl_principal_mapping_rules fits its subject ${name}`)
    : { kind: 'named', principal: `User:${mapped}` }
}

function refused(reason: string): CertificatePrincipal {
  return { kind: 'refused', reason }
}
