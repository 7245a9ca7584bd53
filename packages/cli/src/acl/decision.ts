import type { Acl } from '@rivven/client'
import type { Operation } from './operations.js'

/** Who wants to do what with one resource. */
export interface Question {
  principal: string
  /** null: an address that no ACL names. */
  host: string | null
  operation: Operation
}

/**
 * What brokers decide by their ACLs, for whoever is no super user.
 *
 * - `denied`: by a DENY, whatever is allowed
 * - `allowed`: by an ALLOW
 * - `unmatched`: there are ACLs about the resource, and none of them allows it: denied
 * - `unnamed`: no ACL of anybody is about the resource: as `allow_everyone_if_no_acl_found` of the brokers says
 */
export interface Decision {
  kind: 'denied' | 'allowed' | 'unmatched' | 'unnamed'
  /** Those that decide; each of them alone would. */
  by: readonly Acl[]
}

/** Decides as Kafka's StandardAuthorizer does; `acls` are all whose pattern the resource falls under, of anybody. */
export function decide(acls: readonly Acl[], question: Question): Decision {
  if (acls.length === 0) return { kind: 'unnamed', by: [] }
  const about = acls.filter((acl) => isAbout(acl, question))
  const denials = about.filter((acl) => acl.permissionType === 'DENY' && names(acl, question.operation))
  if (denials.length > 0) return { kind: 'denied', by: denials }
  const allowed = about.filter((acl) => acl.permissionType === 'ALLOW' && grants(acl, question.operation))
  return { kind: allowed.length > 0 ? 'allowed' : 'unmatched', by: allowed }
}

function isAbout(acl: Acl, { principal, host }: Question): boolean {
  return isFor(acl, principal) && (isFromAnywhere(acl) || (host !== null && isSameHost(acl.host, host)))
}

/** Whether an ACL speaks of a principal, by name or as one of all. */
export function isFor(acl: Acl, principal: string): boolean {
  return acl.principal === principal || acl.principal === 'User:*'
}

export function isFromAnywhere({ host = '*' }: Acl): boolean {
  return host === '*'
}

function names({ operation }: Acl, wanted: Operation): boolean {
  return operation === 'ALL' || operation === wanted
}

const implying: Partial<Record<Operation, readonly string[]>> = {
  DESCRIBE: ['READ', 'WRITE', 'DELETE', 'ALTER'],
  DESCRIBE_CONFIGS: ['ALTER_CONFIGS'],
}

/** What is allowed may imply what it needs; what is denied implies nothing. */
function grants(acl: Acl, wanted: Operation): boolean {
  return names(acl, wanted) || (implying[wanted]?.includes(acl.operation) ?? false)
}

/** IPv6 has several spellings; in ACLs made for Kafka stands the one of Java. */
function isSameHost(a = '*', b = '*'): boolean {
  return a === b || (a.includes(':') && spelling(a) === spelling(b))
}

function spelling(host: string): string {
  const url = `http://[${host}]`
  return URL.canParse(url) ? new URL(url).hostname : host
}
