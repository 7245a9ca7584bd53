import type { securityKeys } from '@rivven/client'
import { type Command, Option } from 'commander'
import { camelCase } from './settings.js'

type SecurityKey = keyof typeof securityKeys

/** What each key means, for --help. Secrets have no flag: everybody on the machine sees the command line. */
const meanings: Readonly<Record<Exclude<SecurityKey, 'sasl_password' | 'ssl_key_password'>, string>> = {
  security_protocol: 'plaintext (default), ssl, sasl_plaintext or sasl_ssl',
  sasl_mechanism: 'plain, scram-sha-256, scram-sha-512 or oauthbearer',
  sasl_username: 'who logs in',
  sasl_password_file: 'a file with the password, - is standard input (or RIVVEN_SASL_PASSWORD)',
  sasl_token_file: 'a file with the token of oauthbearer, read anew when it is over',
  ssl_ca_location: "PEM: authorities that may have signed the brokers' certificates",
  ssl_certificate_location: 'PEM: the own certificate, for brokers that ask for one',
  ssl_key_location: 'PEM: its key (RIVVEN_SSL_KEY_PASSWORD opens it)',
  ssl_endpoint_identification_algorithm: 'https (default), or none to leave names unchecked',
}

/** Options of every command that say how connections are secured. */
export function addSecurityFlags(command: Command): Command {
  for (const [key, what] of Object.entries(meanings)) {
    const value = key.endsWith('_file') || key.endsWith('_location') ? '<file>' : '<text>'
    command.addOption(new Option(`--${key.replaceAll('_', '-')} ${value}`, what).helpGroup('Secured connections:'))
  }
  return command
}

/** What the options of a command say about it, by key. */
export function securityIn(options: object): Record<string, string> {
  const said = options as Readonly<Record<string, unknown>>
  const given = Object.keys(meanings).map((key) => [key, said[camelCase(key)]] as const)
  return Object.fromEntries(given.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** The same as words of a command line, but for a password that came by standard input. */
export function flagsOf(security: Readonly<Record<string, string>>): string[] {
  const said = Object.entries(security).filter(([, value]) => value !== '-')
  return said.flatMap(([key, value]) => [`--${key.replaceAll('_', '-')}`, value])
}
