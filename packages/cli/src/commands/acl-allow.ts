import type { Acl } from '@rivven/client'
import { wordsOnAbsent } from '../acl/absent.js'
import { aclsFor, type GrantOptions, grantsIn } from '../acl/grants.js'
import { resourceText } from '../acl/resources.js'
import type { WhoOptions } from '../acl/who.js'
import type { CommandContext } from '../context.js'
import { listed } from '../text/words.js'

type ChangeOptions = GrantOptions & WhoOptions

export function allow(context: CommandContext, options: ChangeOptions): Promise<void> {
  return create(context, 'ALLOW', options)
}

export function deny(context: CommandContext, options: ChangeOptions): Promise<void> {
  return create(context, 'DENY', options)
}

async function create(context: CommandContext, permission: 'ALLOW' | 'DENY', options: ChangeOptions): Promise<void> {
  const grants = grantsIn(options)
  const acls = aclsFor(grants, permission, options)
  const admin = await context.admin()
  await admin.createAcls(acls)
  for (const line of wordsOnMade(acls)) context.terminal.words(`${line}\n`)
  const resources = grants.map(({ resource }) => resource)
  context.terminal.words(await wordsOnAbsent(admin, options.principal ?? [], resources))
}

/** `Allowed User:alice READ and DESCRIBE on topic orders.`, a line for each who and what. */
function wordsOnMade(acls: readonly Acl[]): string[] {
  const made = new Map<string, { before: string; operations: string[]; after: string }>()
  for (const { permissionType, principal, host = '*', operation, ...resource } of acls) {
    const before = `${permissionType === 'DENY' ? 'Denied' : 'Allowed'} ${principal}`
    const after = `on ${resourceText(resource)}${host === '*' ? '' : ` from ${host}`}`
    const key = `${before} ${after}`
    const line = made.get(key) ?? { before, operations: [], after }
    line.operations.push(operation)
    made.set(key, line)
  }
  return [...made.values()].map(({ before, operations, after }) => {
    return `${before} ${listed(operations, operations.length)} ${after}.`
  })
}
