import type { Acl } from '@rivven/client'
import { commandText } from '../text/command-text.js'
import { type Row, table } from '../text/output.js'
import { counted, titled } from '../text/words.js'
import { aclColumns, aclRow, aclText } from './acl-rows.js'
import { type Decision, decide, isFor, isFromAnywhere, type Question } from './decision.js'
import { flagOf } from './operations.js'
import { flagsFor, type Resource, resourceText } from './resources.js'

/** Whether somebody may do something, and why. */
export interface Explanation {
  question: Question
  resource: Resource
  decision: Decision
  /** From addresses that ACLs name, where it differs. */
  elsewhere: readonly { host: string; decision: Decision }[]
  /** For what is asked of the cluster first, and of the topic only where that does not allow it. */
  ofCluster: Decision | null
  /** How many ACLs are about the resource, and those of them that name whoever asks. */
  count: number
  acls: readonly Acl[]
}

export function explanationOf(
  question: Question,
  resource: Resource,
  { acls, ofCluster }: { acls: readonly Acl[]; ofCluster: readonly Acl[] | null },
): Explanation {
  const decision = decide(acls, question)
  const relevant = acls.filter((acl) => isFor(acl, question.principal))
  const hosts =
    question.host === null ? relevant.filter((acl) => !isFromAnywhere(acl)).map(({ host = '*' }) => host) : []
  const elsewhere = [...new Set(hosts)]
    .map((host) => ({ host, decision: decide(acls, { ...question, host }) }))
    .filter((there) => (there.decision.kind === 'allowed') !== (decision.kind === 'allowed'))
  const wider = ofCluster && decide(ofCluster, question)
  return { question, resource, decision, elsewhere, ofCluster: wider, count: acls.length, acls: relevant }
}

/** For programs; `allowed` is null where the brokers' settings decide. */
export function explanationValue({ question, resource, decision, elsewhere, ofCluster, acls }: Explanation) {
  const { principal, host, operation } = question
  return {
    principal,
    host,
    operation,
    resource: resourceText(resource),
    ...verdict(decision),
    elsewhere: elsewhere.map((there) => ({ host: there.host, ...verdict(there.decision) })),
    ...(ofCluster && { cluster: verdict(ofCluster) }),
    acls: acls.map(aclRow),
  }
}

function verdict({ kind, by }: Decision): { allowed: boolean | null; reason: Decision['kind']; decidedBy: Row[] } {
  return { allowed: kind === 'unnamed' ? null : kind === 'allowed', reason: kind, decidedBy: by.map(aclRow) }
}

/** For people, a matter a line, and the ACLs that were looked at. */
export function explanationText(explanation: Explanation): string {
  const { question, resource, elsewhere, ofCluster, decision, acls } = explanation
  const told = [
    headline(explanation),
    ...row('Decides', decidesText(explanation)),
    ...elsewhere.flatMap(({ host, decision: there }) =>
      row('But', `from ${host} it is ${there.kind === 'allowed' ? '' : 'not '}allowed${byText(there)}.`),
    ),
    ...(ofCluster?.kind === 'allowed' && decision.kind !== 'allowed'
      ? row('But', `what is allowed on the cluster is enough${byText(ofCluster)}.`)
      : []),
    ...row('Besides', superUserText(question)),
    ...(decision.kind === 'unmatched' || decision.kind === 'unnamed'
      ? [`  To allow: ${allowCommand(question, resource)}`]
      : []),
  ]
  return `${told.join('\n')}\n${acls.length > 0 ? `\n${table(ruleColumns, acls.map(aclRow))}` : ''}`
}

const ruleColumns = aclColumns.filter(({ wide }) => !wide)

function headline({ question, resource, decision }: Explanation): string {
  const { principal, host, operation } = question
  const what = `${operation} on ${resourceText(resource)}${host === null ? '' : ` from ${host}`}`
  switch (decision.kind) {
    case 'allowed':
      return `${principal} is allowed ${what}.`
    case 'unnamed':
      return `${principal} is allowed ${what} only if brokers allow what no ACL is about.`
    case 'denied':
    case 'unmatched':
      return `${principal} is not allowed ${what}.`
  }
}

function decidesText({ question, resource, decision, count }: Explanation): string {
  const what = resourceText(resource)
  switch (decision.kind) {
    case 'denied':
      return `${firstOf(decision)}. What is denied is denied, whatever allows it.`
    case 'allowed':
      return `${firstOf(decision)}.${impliedText(question, decision)}`
    case 'unmatched':
      return `no ACL: ${counted(count, 'is', 'are')} about ${what}, and none allows it.`
    case 'unnamed':
      return `allow_everyone_if_no_acl_found of the brokers, false unless it is set: no ACL of anybody is about ${what}.`
  }
}

function firstOf({ by: [first, ...others] }: Decision): string {
  if (first === undefined) return 'no ACL'
  return others.length === 0
    ? aclText(first)
    : `${aclText(first)}; ${counted(others.length, 'more says', 'more say')} the same`
}

function byText(decision: Decision): string {
  return decision.by.length === 0 ? '' : `: ${firstOf(decision)}`
}

function impliedText({ operation }: Question, { by: [first] }: Decision): string {
  const allowed = first?.operation
  return allowed === undefined || allowed === operation || allowed === 'ALL' ? '' : ` ${allowed} implies ${operation}.`
}

function allowCommand({ principal, operation }: Question, resource: Resource): string {
  return commandText(
    'acl allow',
    [],
    ['--principal', principal, '--operation', flagOf(operation), ...flagsFor(resource)],
  )
}

/** Kafka's protocol does not tell, and brokers keep it in their settings. */
function superUserText({ principal }: Question): string {
  return `super users (super_users of the brokers) are allowed everything, before any ACL is looked at. Whether ${principal} is one, no client can find out.`
}

function row(title: string, text: string): string[] {
  return titled(title, text, 10)
}
