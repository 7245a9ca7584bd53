import { certificateFiles } from '../certificates/certificate-files.js'
import { principalOf } from './acl-rules.js'
import type { SecurityPlan } from './security-options.js'
import { tokenNames } from './token-authority.js'

type Values = Readonly<Record<string, unknown>>

/** A free port. */
const anyPort = '127.0.0.1:0'

/** What the plan and the keys that were given come to: one listener as the plan has it, unless the keys name their own. */
export function listenerKeys(plan: SecurityPlan | undefined, given: Values): Values {
  if (given.listeners !== undefined) return given
  const { listen = anyPort, ...others } = given
  return plan ? { ...others, listeners: `${protocolOf(plan)}://${listen}` } : { ...others, listen }
}

function protocolOf({ mechanisms, tls }: SecurityPlan): string {
  if (mechanisms.length > 0) return tls ? 'SASL_SSL' : 'SASL_PLAINTEXT'
  return tls ? 'SSL' : 'PLAINTEXT'
}

/** The plan as keys of the broker, for all of its listeners. */
export function securityKeys(plan: SecurityPlan): Values {
  const { mechanisms, superUsers, hasRules, tls, clientAuth } = plan
  return {
    ...(mechanisms.length > 0 && { sasl_enabled_mechanisms: mechanisms.join(',').toUpperCase() }),
    ...(mechanisms.includes('oauthbearer') && tokenKeys),
    super_users: superUsers.map(principalOf).join(';'),
    ...(hasRules && { authorizer_class_name: 'standard' }),
    ...(tls && tlsKeys),
    ssl_client_auth: clientAuth,
    // A user is called the same whichever way it proves who it is.
    ssl_principal_mapping_rules: 'RULE:^CN=([^,]*)$/$1/,DEFAULT',
    // A test of a wrong password need not wait.
    connection_failed_authentication_delay_ms: 0,
  }
}

const tlsKeys = {
  ssl_certificate_location: certificateFiles.certificate,
  ssl_key_location: certificateFiles.key,
  ssl_ca_location: certificateFiles.ca,
}

const tokenKeys = {
  sasl_oauthbearer_jwks_endpoint_url: `file:${certificateFiles.tokenKeys}`,
  sasl_oauthbearer_expected_issuer: tokenNames.issuer,
  sasl_oauthbearer_expected_audience: tokenNames.audience,
}
