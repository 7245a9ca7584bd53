import type { Acl, AclFilter, Admin } from '@rivven/client'
import { aclColumns, aclRow } from '../acl/acl-rows.js'
import { aclsMeant, filtersFor, filtersForGrants } from '../acl/filters.js'
import { type GrantOptions, grantsIn } from '../acl/grants.js'
import { resourcesIn } from '../acl/resources.js'
import type { WhoOptions } from '../acl/who.js'
import type { CommandContext } from '../context.js'
import { Failure, UsageError } from '../failure.js'
import { isAgreedTo } from '../terminal/agreement.js'
import { renderRows } from '../text/output.js'
import { counted } from '../text/words.js'

interface RemoveOptions extends GrantOptions, WhoOptions {
  permission?: 'ALLOW' | 'DENY'
  yes?: boolean
}

/** Shows what goes, asks a person who sits there, and removes exactly that. */
export async function removeAcls(context: CommandContext, options: RemoveOptions): Promise<void> {
  const { terminal } = context
  const filters = filtersIn(options)
  const admin = await context.admin()
  const acls = await aclsMeant(admin, filters)
  if (acls.length === 0)
    throw new Failure(
      'absent',
      'There is no such ACL: nothing was removed. `rivvenctl acl list` shows which there are.',
    )
  terminal.out(renderRows(context.output, aclColumns, acls.map(aclRow)))
  const what = counted(acls.length, 'ACL')
  if (!options.yes && !(await isAgreedTo(terminal, `Remove ${acls.length === 1 ? 'this' : 'these'} ${what}?`)))
    throw new Failure('declined', 'Nothing was removed.')
  await removeThese(admin, context, acls.filter(isNameable))
  if (!acls.every(isNameable))
    terminal.words('The others are of a kind that this rivvenctl does not know: they stay.\n')
}

/** How many may go with one request: Rivven takes 10,000. */
const mostAtOnce = 1000

/** Says how many are gone also where it comes to an end between two requests. */
async function removeThese(admin: Admin, { terminal }: CommandContext, acls: readonly Nameable[]): Promise<void> {
  let count = 0
  try {
    for (let from = 0; from < acls.length; from += mostAtOnce)
      count += (await admin.deleteAcls(acls.slice(from, from + mostAtOnce))).length
  } finally {
    if (count > 0) terminal.words(`Removed ${counted(count, 'ACL')}.\n`)
  }
}

/** The words with which ACLs were made mean these; without any they would mean all there are. */
function filtersIn(options: RemoveOptions): AclFilter[] {
  const { principal, host, operation, permission } = options
  if (options.producer || options.consumer) {
    if (permission === 'DENY') throw new UsageError('--producer and --consumer are what is allowed, never denied.')
    return filtersForGrants(grantsIn(options), { principal, host })
  }
  const resources = resourcesIn(options)
  if (resources.length === 0 && [principal, host, operation, permission].every((part) => part === undefined))
    throw new UsageError('Say which: --principal User:alice, --topic T, --group G, --operation read, …')
  return filtersFor({ resources, principal, host, operation, permission })
}

type Nameable = Acl & { [Field in 'operation' | 'permissionType' | 'resourceType']: Exclude<Acl[Field], 'UNKNOWN'> } & {
  patternType?: Exclude<Acl['patternType'], 'UNKNOWN'>
}

/** What a later Kafka has more has no name here by which it could be meant. */
function isNameable(acl: Acl): acl is Nameable {
  return ![acl.operation, acl.permissionType, acl.resourceType, acl.patternType].includes('UNKNOWN')
}
