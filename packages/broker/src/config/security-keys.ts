import { namedCertificates } from './named-certificates.js'
import { boolean, int, listOf, long, oneOf, type Setting, secret, text } from './setting.js'

/** Kafka's default of limits. */
const NO_LIMIT = 2_147_483_647

/** What may be different for each listener: `listener.name.<name>.<key>`, or in the map of `listeners`. */
export const listenerKeys = {
  sasl_enabled_mechanisms: listOf(
    ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'],
    'SCRAM-SHA-256,SCRAM-SHA-512',
    'How clients of a listener with SASL may log in.',
  ),
  sasl_oauthbearer_jwks_endpoint_url: text(
    '',
    'Where the keys are that tokens are signed with: https://…, file:///…, or http:// on this machine.',
  ),
  sasl_oauthbearer_jwks_endpoint_refresh_ms: long(3_600_000, 'After so long these keys are read anew.', {
    min: 30_000,
  }),
  sasl_oauthbearer_expected_audience: text('', 'Whom a token must be for (aud); one of several with commas between.'),
  sasl_oauthbearer_any_audience: boolean(false, 'Take tokens whomever they are for.'),
  sasl_oauthbearer_expected_issuer: text('', 'Who must have handed a token out (iss); empty: whoever has the keys.'),
  sasl_oauthbearer_sub_claim_name: text('sub', 'What of a token is the name of the user.'),
  sasl_oauthbearer_scope_claim_name: text('scope', "For Kafka's configurations: scopes of tokens give no rights."),
  sasl_oauthbearer_clock_skew_seconds: int(30, 'By so much clocks of others may be wrong.', { min: 0, max: 3_600 }),
  sasl_oauthbearer_unsecured: boolean(false, 'Take tokens that nobody signed: for tests, on loopback only.'),
  sasl_server_max_receive_size: int(524_288, 'Largest request of a client that has not logged in.', { min: 1 }),
  connections_max_reauth_ms: long(0, 'After so long a client must log in again; 0 never.', { min: 0 }),
  authentication_timeout_ms: int(30_000, 'How long a client may take to log in.', { min: 1 }),
  ssl_certificate_location: text('', 'PEM file with the certificate of the broker, those that signed it behind it.'),
  ssl_key_location: text('', 'PEM file with the key of the certificate.'),
  ssl_key_password: secret('Opens the key.'),
  ssl_key_password_file: text('', 'File with the password that opens the key.'),
  ssl_keystore_location: text('', 'PKCS#12 file with certificate and key, instead of two PEM files.'),
  ssl_keystore_password: secret('Opens the PKCS#12 file.'),
  ssl_ca_location: text('', 'PEM file with those who may sign certificates of clients.'),
  ssl_crl_location: text('', 'PEM file with lists of certificates that count no more.'),
  ssl_certificates: namedCertificates(
    'More certificates, by the name that a client asks for: a list of { names, certificate, key }.',
  ),
  ssl_client_auth: oneOf(
    ['none', 'requested', 'required'],
    'none',
    'Are clients asked for a certificate? requested: who has none comes in, too.',
  ),
  ssl_principal_mapping_rules: text('DEFAULT', 'How names in certificates become principals.'),
  ssl_enabled_protocols: listOf(['TLSv1.2', 'TLSv1.3'], 'TLSv1.2,TLSv1.3', 'Versions of TLS.'),
  ssl_cipher_suites: text('', "Names of cipher suites with : between; empty: Node's."),
  ssl_reload_interval_ms: int(10_000, 'How often the files of certificates and keys are looked at.', { min: 100 }),
  ssl_handshake_timeout_ms: int(10_000, 'How long a client may take to begin to encrypt.', { min: 1 }),
  ssl_handshakes_per_second: int(200, 'Most handshakes that are begun in a second; more wait in line.', { min: 1 }),
  max_connections: int(10_000, 'Most connections, of all listeners and of each; more wait to be accepted.', { min: 1 }),
  max_connection_creation_rate: int(
    NO_LIMIT,
    'Most connections that are accepted in a second, by all listeners and by each; more wait.',
    { min: 1 },
  ),
  connection_failed_authentication_delay_ms: int(100, 'How late a failed login is answered.', { min: 0, max: 10_000 }),
}

/** Who may connect, and what they may do. */
export const securityKeys = {
  listeners: text('', 'NAME://host:port, several with commas between; empty: the address in listen.'),
  listener_security_protocol_map: text(
    '',
    'NAME:PROTOCOL for names of listeners that are no protocol: PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL.',
  ),
  http_security_protocol: oneOf(
    ['HTTP', 'HTTPS'],
    'HTTP',
    'HTTPS: HTTP is encrypted, with the certificates of the listeners or those of listener.name.http.',
  ),
  http_authentication: oneOf(
    ['', 'basic', 'bearer', 'basic,bearer', 'none'],
    '',
    'How one logs in over HTTP. basic: user and password; bearer: token. Empty: what there is, as soon as there is an authorizer.',
  ),
  http_anonymous: oneOf(
    ['health', 'health,metrics', 'all'],
    'health',
    'What HTTP shows to whoever asks, where it asks for a login or others can reach it; all of it never changes anything.',
  ),
  http_actions: oneOf(
    ['', 'off', 'loopback', 'authenticated'],
    '',
    'What HTTP may change. off: nothing; loopback: everything, for whoever is on this machine; authenticated: for who is logged in. Empty: authenticated where one logs in, else off.',
  ),
  http_allowed_hosts: text(
    '',
    'Names that browsers may call the address of HTTP by, with commas between; empty: its host, any where that is a wildcard; on loopback the names of this machine.',
  ),
  http_records: oneOf(['on', 'off'], 'on', 'Does the API show contents of records to who may read them?'),
  inter_broker_listener_name: text(
    '',
    'The listener by which brokers of a cluster reach each other; empty: the first one. Each of them must have it.',
  ),
  sasl_mechanism_inter_broker_protocol: oneOf(
    ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'],
    'SCRAM-SHA-512',
    'How brokers log in at each other.',
  ),
  inter_broker_username: text(
    '',
    'Who brokers log in as at each other: a super user, or one with CLUSTER_ACTION on the cluster, READ and DESCRIBE on topics, and WRITE on __rivven_rebalances.',
  ),
  inter_broker_password_file: text('', 'File with the password of that user; read at the start.'),
  allow_cleartext_credentials: boolean(false, 'Take passwords beyond loopback although nothing is encrypted.'),
  authorizer_class_name: oneOf(
    ['', 'standard', 'none', 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
    '',
    'standard: ACLs say what clients may do; none: everything. Empty: standard as soon as a listener asks who comes.',
  ),
  allow_everyone_if_no_acl_found: boolean(false, 'Is what no ACL names open to everybody?'),
  max_connections_per_ip: int(NO_LIMIT, 'Most connections of one address; more are closed at once.', { min: 0 }),
  max_connections_per_ip_overrides: text(
    '',
    'address:count with commas between: what counts for these addresses instead of max_connections_per_ip.',
  ),
  max_unauthenticated_connections: int(
    500,
    'Most connections that have not logged in, or have not done their handshake; the oldest of more is closed.',
    { min: 1 },
  ),
  super_users: text('', 'Who may do everything: User:a;User:b.'),
  bootstrap_admin: text(
    '',
    'Name of the first user, made by a start that finds none; a super user as long as it is set here.',
  ),
  bootstrap_admin_password_file: text('', 'File with the password of the first user; read only when it is made.'),
  ...listenerKeys,
}

export type ListenerKey = keyof typeof listenerKeys

export type ListenerValues = {
  readonly [Key in ListenerKey]: (typeof listenerKeys)[Key] extends Setting<infer Value> ? Value : never
}

export function isListenerKey(key: string): key is ListenerKey {
  return Object.hasOwn(listenerKeys, key)
}
