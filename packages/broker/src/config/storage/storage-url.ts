import { ConfigError } from '@rivven/config'

/** What is in a URL of a database, as it is written there. */
export interface StorageUrl {
  readonly user: string | undefined
  readonly password: string | undefined
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly database: string | undefined
  readonly parameters: ReadonlyMap<Parameter, string>
}

export type Parameter = (typeof parameters)[number]

const parameters = ['host', 'port', 'schema', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const
const EXAMPLE = 'postgres://user@host/database'
const PORT = 5432

/** `postgres://user:password@host:port,host:port/database?name=value&…`, of which only the scheme must be there. @throws ConfigError, which shows nothing of it */
export function readStorageUrl(text: string): StorageUrl {
  const parts = /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text)
  if (!parts) throw new ConfigError(`storage is no URL of PostgreSQL: give one like ${EXAMPLE}.`)
  const [, login = '', authority = '', database = '', query = ''] = parts
  const [, user = '', password] = /^([^:]*)(?::(.*))?$/.exec(login) ?? []
  const given = parametersOf(query)
  return {
    user: decoded(user) || undefined,
    password: password === undefined ? undefined : decoded(password),
    hosts: hostsOf(authority, given),
    database: decoded(database) || undefined,
    parameters: given,
  }
}

function parametersOf(query: string): ReadonlyMap<Parameter, string> {
  const found = new Map<Parameter, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const known = parameters.find((parameter) => parameter === name)
    if (!known) {
      throw new ConfigError(`storage has the parameter ${name}, which is not known: use ${parameters.join(', ')}.`)
    }
    found.set(known, value)
  }
  return found
}

/** A host may be a folder of Unix sockets, as libpq has it: %2Frun%2Fpostgresql, or ?host=/run/postgresql. */
function hostsOf(authority: string, given: ReadonlyMap<Parameter, string>): StorageUrl['hosts'] {
  const named = authority === '' ? (given.get('host') ?? '').split(',') : authority.split(',')
  const usual = portOf(given.get('port') ?? String(PORT))
  return named.map((word) => {
    if (decoded(word).startsWith('/')) return { host: decoded(word), port: usual }
    const [, bracketed, plain = '', port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(.*))?$/.exec(word) ?? []
    const host = bracketed ?? decoded(plain)
    return { host: host === '' ? '127.0.0.1' : host, port: port === undefined ? usual : portOf(port) }
  })
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port > 0 && port < 65_536) return port
  throw new ConfigError(`storage has the port ${text}: it must be a number from 1 to 65535.`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ConfigError('storage has a % that is no part of an escape like %40: write %25 for it.')
  }
}
