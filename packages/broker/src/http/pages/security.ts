import type { AclFilter } from '../../security/acls/acl-filter.js'
import { describeUsers } from '../../security/users/described-users.js'
import type { GuardedPage, Visit } from '../page.js'
import { jsonList } from '../page-stream.js'

/** What DescribeUserScramCredentials, DescribeAcls and DescribeClientQuotas tell, without a filter. */
export const securityPages: readonly GuardedPage[] = [
  { kind: 'guarded', name: 'GET /api/security/users', answer: users },
  { kind: 'guarded', name: 'GET /api/security/acls', answer: acls },
  { kind: 'guarded', name: 'GET /api/security/quotas', answer: quotas },
]

function users({ broker: { security, runtime } }: Visit): Response {
  const lines = describeUsers(security.users.users, null).map(({ name, credentials }) => ({ name, credentials }))
  return jsonList('users', lines, runtime.clock)
}

const everyAcl: AclFilter = {
  ...{ resourceType: 'ANY', patternType: 'ANY', operation: 'ANY', permission: 'ANY' },
  ...{ name: null, principal: null, host: null },
}

async function acls({ context, broker: { security, runtime } }: Visit): Promise<Response> {
  if (!security.acls) {
    const error = 'There is no authorizer: set authorizer_class_name to standard.'
    return context.json({ error, code: 'SECURITY_DISABLED' }, 404)
  }
  return jsonList('acls', (await security.acls.matching(everyAcl)).flat(), runtime.clock)
}

function quotas({ broker: { security, runtime } }: Visit): Response {
  return jsonList('quotas', quotaLines(security.quotas.quotas.values()), runtime.clock)
}

type Quotas = Visit['broker']['security']['quotas']['quotas']

function* quotaLines(all: ReturnType<Quotas['values']>) {
  for (const { entity, values } of all) yield { entity, values: Object.fromEntries(values) }
}
