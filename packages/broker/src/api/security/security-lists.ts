import type { Acl } from '../../security/acls/acl.js'
import type { AclFilter } from '../../security/acls/acl-filter.js'
import { describeUsers } from '../../security/users/described-users.js'
import { Problem } from '../problem.js'
import { route } from '../route.js'
import { list, one, other, shape, text } from '../shape.js'

const userLine = shape('UserLine', {
  name: text('Of the user.'),
  credentials: list(
    other<{ mechanism: string; iterations: number }>('`{ mechanism, iterations }`', 'Never salts or keys.'),
  ),
})

/** What DescribeUserScramCredentials tells, without a filter. */
export const listUsers = route(
  {
    name: 'GET /api/security/users',
    about: 'Users with the mechanisms that they have.',
    rights: { needs: 'DESCRIBE CLUSTER', anonymous: 'all' },
    answer: shape('UserList', { users: list(one(userLine, 'All of them.')) }),
  },
  ({ services: { security } }) => ({
    users: describeUsers(security.users.users, null).map(({ name, credentials }) => ({ name, credentials })),
  }),
)

const everyAcl: AclFilter = {
  ...{ resourceType: 'ANY', patternType: 'ANY', operation: 'ANY', permission: 'ANY' },
  ...{ name: null, principal: null, host: null },
}

/** What DescribeAcls tells, without a filter. */
export const listAcls = route(
  {
    name: 'GET /api/security/acls',
    about: 'ACLs.',
    rights: { needs: 'DESCRIBE CLUSTER', anonymous: 'all' },
    answer: shape('AclList', { acls: list(other<Acl>('`Acl`', 'All of them, as `rivvenctl acl list` shows them.')) }),
  },
  async ({ services: { security } }) => {
    if (security.acls) return { acls: (await security.acls.matching(everyAcl)).flat() }
    return new Problem('SECURITY_DISABLED', 'There is no authorizer: set authorizer_class_name to standard.')
  },
)

const quotaLine = shape('QuotaLine', {
  entity: list(other<{ type: string; name: string | null }>('`{ type, name }`', 'Whom it is of.')),
  values: other<Readonly<Record<string, number>>>('numbers by key', 'The quotas.'),
})

/** What DescribeClientQuotas tells, without a filter. */
export const listQuotas = route(
  {
    name: 'GET /api/security/quotas',
    about: 'Quotas of clients.',
    rights: { needs: 'DESCRIBE_CONFIGS CLUSTER', anonymous: 'all' },
    answer: shape('QuotaList', { quotas: list(one(quotaLine, 'All of them.')) }),
  },
  ({ services: { security } }) => ({
    quotas: Array.from(security.quotas.quotas.values(), ({ entity, values }) => ({
      ...{ entity, values: Object.fromEntries(values) },
    })),
  }),
)
