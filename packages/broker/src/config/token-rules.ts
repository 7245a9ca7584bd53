import type { KeysAt, TokenRules } from '../security/tokens/token-rules.js'
import { isLoopback } from './address.js'
import { ConfigError } from './config-error.js'
import type { ListenerValues } from './security-keys.js'

/** What the keys `sasl_oauthbearer_…` say; `where` begins the sentence of a ConfigError, as in "The listener CLIENTS". */
export function tokenRulesOf(values: ListenerValues, where: string): TokenRules {
  const audience = listOf(values.sasl_oauthbearer_expected_audience)
  const isUnsigned = values.sasl_oauthbearer_unsecured
  const keysAt = keysAtOf(values, where)
  if (keysAt && audience.length === 0 && !values.sasl_oauthbearer_any_audience) {
    throw new ConfigError(
      `${where} takes tokens and would take those for others, too: set sasl_oauthbearer_expected_audience to what ` +
        'tokens for this broker have as aud, or sasl_oauthbearer_any_audience to true.',
    )
  }
  return {
    keysAt: isUnsigned ? undefined : keysAt,
    refreshMs: values.sasl_oauthbearer_jwks_endpoint_refresh_ms,
    audience: audience.length === 0 ? undefined : audience,
    issuer: values.sasl_oauthbearer_expected_issuer || undefined,
    subjectClaim: values.sasl_oauthbearer_sub_claim_name,
    clockSkewSeconds: values.sasl_oauthbearer_clock_skew_seconds,
  }
}

function keysAtOf(values: ListenerValues, where: string): KeysAt | undefined {
  const { sasl_oauthbearer_jwks_endpoint_url: text, sasl_oauthbearer_unsecured: isUnsigned } = values
  if (isUnsigned && text !== '') {
    throw new ConfigError(
      `${where} has sasl_oauthbearer_jwks_endpoint_url and sasl_oauthbearer_unsecured: are tokens signed? Leave one out.`,
    )
  }
  if (isUnsigned) return undefined
  if (text === '') {
    throw new ConfigError(
      `${where} takes tokens (OAUTHBEARER) and knows no keys to check them with: set sasl_oauthbearer_jwks_endpoint_url ` +
        'to the address or file of whoever hands them out (jwks_uri), for example https://id.example/keys.',
    )
  }
  return keysIn(text) ?? refuseLocation(text, where)
}

function keysIn(text: string): KeysAt | undefined {
  if (/^file:[^/]/.test(text)) return { file: text.slice('file:'.length) }
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(host))) return { url }
  return url.protocol === 'file:' && url.host === '' ? { file: decodeURIComponent(url.pathname) } : undefined
}

function refuseLocation(text: string, where: string): never {
  throw new ConfigError(
    `${where} has '${text}' as sasl_oauthbearer_jwks_endpoint_url: it must be https://…, a file (file:///…, file:keys.json), ` +
      'or http:// on this machine; on the way from another one whoever is between could give keys of their own.',
  )
}

function listOf(text: string): string[] {
  return text.split(',').flatMap((item) => item.trim() || [])
}
