import type { PostgresHost, PostgresTarget } from '../postgres-options.js'
import { messageOf, sqlState } from './outcome.js'

/** What a user can do about a server that does not let this broker in; undefined: wait. */
export function unusableSentence(error: unknown, target: PostgresTarget, host: PostgresHost): string | undefined {
  const { user, database } = target
  const where = `PostgreSQL at ${host.host}:${host.port}`
  switch (sqlState(error)) {
    case '28P01':
      return `${where} refuses the password of ${user}. Give the right one in the URL, PGPASSWORD or storage_password_file.`
    case '28000':
      return `${where} does not let ${user} in: ${messageOf(error)}. See its pg_hba.conf, and the user in the URL.`
    case '3D000':
      return `${where} has no database ${database}: make it, or give the name of another one in the URL.`
    case '42501':
      return `${where} does not allow it: ${messageOf(error)}. Rivven needs a role that owns its schema.`
    case '08P01':
      return `${where} takes no settings of a session: ${messageOf(error)}. Rivven cannot work through such a connection pooler: connect to PostgreSQL itself.`
  }
  return tlsSentence(error, where) ?? passwordSentence(error, where)
}

function tlsSentence(error: unknown, where: string): string | undefined {
  const { code } = error as NodeJS.ErrnoException
  const message = messageOf(error)
  if (message.includes('server does not support SSL'))
    return `${where} takes no encrypted connections: switch TLS on there (ssl = on), or see storage_allow_plaintext.`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `The certificate of ${where} names others: ${message}. Use one of its names in the URL, or have it made anew.`
  if (isCertificateCode(code))
    return `The certificate of ${where} is not accepted: ${message}. Name its authority with sslrootcert=FILE in the URL.`
  return undefined
}

function isCertificateCode(code: string | undefined): boolean {
  return code !== undefined && /SELF_SIGNED|UNABLE_TO_|CERT_/.test(code)
}

function passwordSentence(error: unknown, where: string): string | undefined {
  // From the driver, which has none to send.
  if (!/password must be a (non-empty )?string/.test(messageOf(error))) return undefined
  return `${where} asks for a password: give it in the URL, PGPASSWORD or storage_password_file.`
}
