import type { QuotaEntity } from '@rivven/client'
import type { Command } from 'commander'
import { UsageError } from '../failure.js'

/** Whom quotas are for, as the command line says it; `…Defaults`: all who have none of their own (Kafka's word). */
export interface EntityOptions {
  user?: string
  userDefaults?: boolean
  clientId?: string
  clientDefaults?: boolean
  ip?: string
  ipDefaults?: boolean
}

export function addEntityOptions(command: Command): Command {
  return command
    .option('--user <name>', 'a user: alice')
    .option('--user-defaults', 'each user that has no quota of its own')
    .option('--client-id <id>', 'a client id; with a user: of that user alone')
    .option('--client-defaults', 'each client id that has none of its own')
    .option('--ip <address>', 'an address that connections come from')
    .option('--ip-defaults', 'each address that has none of its own')
}

const fields = [
  { field: 'user', defaults: 'userDefaults', flag: '--user', defaultsFlag: '--user-defaults' },
  { field: 'clientId', defaults: 'clientDefaults', flag: '--client-id', defaultsFlag: '--client-defaults' },
  { field: 'ip', defaults: 'ipDefaults', flag: '--ip', defaultsFlag: '--ip-defaults' },
] as const

/** Empty where nobody is named. */
export function entityIn(options: EntityOptions): QuotaEntity {
  const entity: QuotaEntity = {}
  for (const { field, defaults, flag, defaultsFlag } of fields) {
    const name = options[field]
    if (name !== undefined && options[defaults]) throw new UsageError(`${flag} and ${defaultsFlag}: leave one out.`)
    if (name === '') throw new UsageError(`The name behind ${flag} must not be empty.`)
    if (options[defaults]) entity[field] = null
    else if (name !== undefined) entity[field] = name
  }
  if (entity.ip !== undefined && Object.keys(entity).length > 1)
    throw new UsageError('An ip stands alone: leave it out, or the user and the client id.')
  if (entity.user?.startsWith('User:'))
    throw new UsageError(
      `Give the name alone, ${entity.user.slice('User:'.length)}: "User:" is what it begins with in ACLs.`,
    )
  return entity
}

/** The same for what has to be said. */
export function neededEntity(options: EntityOptions): QuotaEntity {
  const entity = entityIn(options)
  if (Object.keys(entity).length > 0) return entity
  throw new UsageError('Say for whom: --user alice, --client-id copier, both, --ip 10.0.0.7, or --user-defaults, …')
}

/** The words of a command line for it. */
export function flagsFor(entity: QuotaEntity): string[] {
  return fields.flatMap(({ field, flag, defaultsFlag }) => {
    const name = entity[field]
    if (name === undefined) return []
    return name === null ? [defaultsFlag] : [flag, name]
  })
}
