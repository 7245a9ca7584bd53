import type { AclOperation, ResourceType } from '@rivven/protocol'
import type { Acl } from '../../src/security/acls/acl.js'
import type { AclFilter } from '../../src/security/acls/acl-filter.js'

/** The rules as the specification writes them, over a list: what an index must not change. */

const impliedBy: Partial<Record<AclOperation, readonly AclOperation[]>> = {
  DESCRIBE: ['READ', 'WRITE', 'DELETE', 'ALTER'],
  DESCRIBE_CONFIGS: ['ALTER_CONFIGS'],
}

export interface Question {
  principal: string
  host: string
  operation: AclOperation
  type: ResourceType
  name: string
}

function fallsUnder(acl: Acl, type: ResourceType, name: string): boolean {
  if (acl.resourceType !== type) return false
  if (acl.patternType === 'PREFIXED') return name.startsWith(acl.name)
  return acl.name === name || acl.name === '*'
}

function meets({ principal, host }: Acl, question: Question): boolean {
  return [question.principal, 'User:*'].includes(principal) && [question.host, '*'].includes(host)
}

export function isAllowed(acls: readonly Acl[], question: Question, isOpen: boolean): boolean {
  const over = acls.filter((acl) => fallsUnder(acl, question.type, question.name))
  const mine = over.filter((acl) => meets(acl, question))
  const { operation } = question
  if (mine.some((acl) => acl.permission === 'DENY' && ['ALL', operation].includes(acl.operation))) return false
  const enough = ['ALL', operation, ...(impliedBy[operation] ?? [])]
  if (mine.some((acl) => acl.permission === 'ALLOW' && enough.includes(acl.operation))) return true
  return over.length === 0 && isOpen
}

export function isAllowedOnAny(acls: readonly Acl[], question: Omit<Question, 'name'>, isOpen: boolean): boolean {
  if (isAllowed(acls, { ...question, name: 'hardcode' }, isOpen)) return true
  const mine = acls.filter(
    (acl) =>
      acl.resourceType === question.type &&
      meets(acl, { ...question, name: '' }) &&
      ['ALL', question.operation].includes(acl.operation),
  )
  const denials = mine.filter(({ permission }) => permission === 'DENY')
  const allowances = mine.filter(({ permission }) => permission === 'ALLOW')
  const isEveryName = (acl: Acl) => acl.patternType === 'LITERAL' && acl.name === '*'
  if (denials.some(isEveryName)) return false
  if (allowances.some(isEveryName)) return true
  return allowances.some(
    ({ name, patternType }) =>
      !denials.some((denial) =>
        denial.patternType === 'PREFIXED'
          ? name.startsWith(denial.name)
          : patternType === 'LITERAL' && denial.name === name,
      ),
  )
}

export function isMeant(acl: Acl, filter: AclFilter): boolean {
  for (const field of ['resourceType', 'operation', 'permission'] as const) {
    if (filter[field] !== 'ANY' && filter[field] !== acl[field]) return false
  }
  for (const field of ['principal', 'host'] as const) {
    if (filter[field] !== null && filter[field] !== acl[field]) return false
  }
  const { name, patternType } = filter
  if (patternType === 'MATCH') return name === null || fallsUnder(acl, acl.resourceType, name)
  return (patternType === 'ANY' || patternType === acl.patternType) && (name === null || name === acl.name)
}
