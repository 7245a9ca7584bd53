import { ConfigError, type Environment } from '@rivven/config'
import type { Disk } from '@rivven/runtime'
import type { PostgresTarget, PostgresTls } from '../../database/postgres/postgres-options.js'
import { passwordFromFile } from '../../security/users/password-file.js'
import type { BrokerConfig } from '../broker-config.js'
import { readStorageUrl, type StorageUrl } from './storage-url.js'

export interface TargetInput {
  readonly disk: Pick<Disk, 'readFile'>
  readonly env: Environment
}

/** What `storage` and the keys around it say. @throws ConfigError where that is nothing, or nothing safe */
export async function postgresTargetOf(config: BrokerConfig, { disk, env }: TargetInput): Promise<PostgresTarget> {
  for (const key of ['memory', 'data_dir'] as const) {
    if (config.given.has(key) && config[key] !== false)
      throw new ConfigError(`storage and ${key} are both given: say where everything is stored with one of them.`)
  }
  const url = readStorageUrl(config.storage?.reveal() ?? '')
  const tls = await tlsOf(url, disk)
  mustBeSafe(url, tls, config.storage_allow_plaintext)
  const user = url.user ?? env.PGUSER ?? env.USER
  if (!user) throw new ConfigError('storage names no user: give one, as in postgres://user@host/database.')
  return {
    hosts: url.hosts,
    database: url.database ?? user,
    user,
    password: await passwordOf(url, config, { disk, env }),
    schema: schemaOf(url),
    tls,
  }
}

async function passwordOf(url: StorageUrl, config: BrokerConfig, input: TargetInput): Promise<string | undefined> {
  const { storage_password_file: file } = config
  if (file === '') return url.password ?? input.env.PGPASSWORD
  if (url.password !== undefined)
    throw new ConfigError('The password is in storage and in storage_password_file: give it in one of them.')
  return (await passwordFromFile(file, input.disk)).reveal()
}

/** Names of channels are made of it, and of tables. */
function schemaOf({ parameters }: StorageUrl): string {
  const schema = parameters.get('schema') ?? 'rivven'
  if (schema === '' || Buffer.byteLength(schema) > 63)
    throw new ConfigError('storage has a schema whose name has no byte, or more than 63.')
  if (schema.startsWith('pg_') || schema === 'information_schema' || schema === 'public')
    throw new ConfigError(`storage has the schema ${schema}: Rivven wants one of its own.`)
  return schema
}

const checksOf: Readonly<Record<string, PostgresTls['checks'] | undefined>> = {
  require: 'nothing',
  'verify-ca': 'signature',
  'verify-full': 'name',
}

async function tlsOf({ parameters }: StorageUrl, disk: TargetInput['disk']): Promise<PostgresTls | undefined> {
  const mode = parameters.get('sslmode') ?? 'disable'
  const checks = checksOf[mode]
  if (!checks && mode !== 'disable')
    throw new ConfigError(`storage has sslmode=${mode}: use disable, require, verify-ca or verify-full.`)
  if (!checks) return undefined
  const [ca, cert, key] = await Promise.all(
    (['sslrootcert', 'sslcert', 'sslkey'] as const).map((name) => readPem(name, parameters.get(name), disk)),
  )
  return { checks, ca, cert, key }
}

async function readPem(name: string, path: string | undefined, disk: TargetInput['disk']): Promise<string | undefined> {
  // As libpq says it: those that the system trusts.
  if (path === undefined || path === 'system') return undefined
  try {
    return (await disk.readFile(path)).toString()
  } catch (error) {
    throw new ConfigError(`The file of ${name} in storage cannot be read: ${(error as Error).message}.`)
  }
}

/** Records and passwords of users must not go over a network that others can read, or to whoever pretends to be the database. */
function mustBeSafe({ hosts }: StorageUrl, tls: PostgresTls | undefined, allowsPlaintext: boolean): void {
  if (allowsPlaintext || tls?.checks === 'name') return
  const far = hosts.find(({ host }) => !isNear(host))
  if (far)
    throw new ConfigError(
      `storage goes to ${far.host} without sslmode=verify-full: add it to the URL (and sslrootcert=FILE for an authority of your own), ` +
        'or set storage_allow_plaintext to true where the network is safe.',
    )
}

function isNear(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
