import { aclOperations } from '@rivven/protocol'
import { InvalidArgumentError } from 'commander'
import { UsageError } from '../failure.js'
import type { Resource, ResourceType } from './resources.js'

/** What may be allowed or denied; ALL is everything. */
export type Operation = Exclude<ReturnType<typeof aclOperations.nameOf>, 'UNKNOWN' | 'ANY'>

const names = aclOperations.names.filter((name): name is Operation => name !== 'UNKNOWN' && name !== 'ANY')

/** What brokers ask about for each type; anything else is stored, too, and never counts. */
const askedOf: Readonly<Record<ResourceType, readonly Operation[]>> = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: [
    'CREATE',
    'DELETE',
    'ALTER',
    'DESCRIBE',
    'CLUSTER_ACTION',
    'DESCRIBE_CONFIGS',
    'ALTER_CONFIGS',
    'IDEMPOTENT_WRITE',
  ],
  TRANSACTIONAL_ID: ['WRITE', 'DESCRIBE', 'TWO_PHASE_COMMIT'],
}

/** `read,describe-configs`: in either case, words parted by `-` or `_`. For options that may be given several times. */
export function operations(words: string, before: readonly Operation[] = []): Operation[] {
  return [...new Set([...before, ...words.split(',').map(operationNamed)])]
}

function operationNamed(word: string): Operation {
  const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, '')
  const found = names.find((name) => plain(name) === plain(word))
  if (found !== undefined) return found
  throw new InvalidArgumentError(`"${word}" is none: there are ${names.map(flagOf).join(', ')}.`)
}

/** As it is written on the command line: `describe-configs`. */
export function flagOf(operation: Operation): string {
  return operation.toLowerCase().replaceAll('_', '-')
}

/** Throws for an operation that no broker asks about there: a rule about it would be there, and never count. */
export function mustMakeSense(operation: Operation, { resourceType }: Resource): void {
  const known = askedOf[resourceType]
  if (operation === 'ALL' || known.includes(operation)) return
  const kind = resourceType.toLowerCase().replaceAll('_', ' ')
  throw new UsageError(
    `There is no ${flagOf(operation)} on a ${kind}: there are ${known.map(flagOf).join(', ')}, and all.`,
  )
}
