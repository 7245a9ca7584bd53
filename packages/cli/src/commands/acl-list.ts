import { aclColumns, aclRow } from '../acl/acl-rows.js'
import { aclsMeant, filtersFor, type ResourceFilter } from '../acl/filters.js'
import { type ResourceOptions, resourcesIn } from '../acl/resources.js'
import type { WhoOptions } from '../acl/who.js'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'
import { renderRows } from '../text/output.js'

interface ListOptions extends ResourceOptions, WhoOptions {
  matching?: string
}

export async function listAcls(context: CommandContext, options: ListOptions): Promise<void> {
  const { principal, host } = options
  const filters = filtersFor({ resources: resourcesMeant(options), principal, host })
  const acls = await aclsMeant(await context.admin(), filters)
  context.terminal.out(renderRows(context.output, aclColumns, acls.map(aclRow)))
}

function resourcesMeant({ matching, ...options }: ListOptions): ResourceFilter[] {
  const resources = resourcesIn(options)
  if (matching === undefined)
    return resources.map((resource) => ({ ...resource, patternType: options.prefixed ? resource.patternType : 'ANY' }))
  if (resources.length > 0)
    throw new UsageError('--matching names what ACLs count for, --topic and the like what they say: leave one out.')
  return [{ resourceName: matching, patternType: 'MATCH' }]
}
