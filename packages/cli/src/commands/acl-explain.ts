import type { Admin } from '@rivven/client'
import { wordsOnAbsent } from '../acl/absent.js'
import { inOrder } from '../acl/acl-rows.js'
import { explanationOf, explanationText, explanationValue } from '../acl/explanation.js'
import { mustMakeSense, type Operation } from '../acl/operations.js'
import { mustBeNameable, type Resource, type ResourceOptions, resourcesIn, theCluster } from '../acl/resources.js'
import { mustBeAType } from '../acl/who.js'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'
import { printable, renderValue } from '../text/output.js'

interface ExplainOptions extends ResourceOptions {
  principal: string
  operation: Operation[]
  host?: string
}

export async function explainAcls(context: CommandContext, options: ExplainOptions): Promise<void> {
  const { terminal, output } = context
  if (output === 'csv') throw new UsageError('An explanation has no rows: take -o json, or `acl list --matching`.')
  const { principal, host = null } = options
  const [operation, resource] = [theOperation(options), theResource(options)]
  mustBeAType(principal)
  mustMakeSense(operation, resource)
  const admin = await context.admin()
  const isOfCluster = resource.resourceType === 'TOPIC' && (operation === 'CREATE' || operation === 'DELETE')
  const explanation = explanationOf({ principal, host, operation }, resource, {
    acls: await aclsAbout(admin, resource),
    ofCluster: isOfCluster ? await aclsAbout(admin, theCluster) : null,
  })
  terminal.words(await wordsOnAbsent(admin, [principal], [resource]))
  const value = explanationValue(explanation)
  if (output === 'ndjson') terminal.out(`${JSON.stringify(value)}\n`)
  else if (output === 'json' || output === 'yaml') terminal.out(renderValue(output, value))
  else terminal.out(`${explanationText(explanation).split('\n').map(printable).join('\n')}`)
}

function theOperation({ operation: [operation, ...more] }: ExplainOptions): Operation {
  if (operation !== undefined && more.length === 0 && operation !== 'ALL') return operation
  throw new UsageError('Ask about one operation at a time, as --operation write.')
}

function theResource(options: ExplainOptions): Resource {
  const [resource, ...more] = resourcesIn(options)
  if (resource === undefined || more.length > 0)
    throw new UsageError('Say on what, one thing at a time: --topic T, --group G, --transactional-id X or --cluster.')
  if (resource.resourceName === '*') throw new UsageError('Ask about one name: * is for ACLs.')
  mustBeNameable(resource)
  return resource
}

/** All that count for it, of whomever. */
async function aclsAbout(admin: Admin, { resourceType, resourceName }: Resource) {
  return inOrder(await admin.describeAcls({ resourceType, resourceName, patternType: 'MATCH' }))
}
