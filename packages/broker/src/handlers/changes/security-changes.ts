import {
  AlterClientQuotas,
  AlterUserScramCredentials,
  aclOperations,
  aclPermissionTypes,
  CreateAcls,
  DeleteAcls,
  patternTypes,
  resourceTypes,
  scramMechanisms,
} from '@rivven/protocol'
import { apiChanges, changesOf } from './change-list.js'

export const securityChanges = [
  apiChanges(CreateAcls, ({ creations }, { results }) =>
    changesOf(results, (_, at) => ({ operation: 'CREATE', ...aclChange(creations[at]!) })),
  ),
  // What several filters match is shown by each, and gone once.
  apiChanges(DeleteAcls, (_, { filterResults }) => {
    const gone = new Map(filterResults.flatMap(({ matchingAcls }) => matchingAcls.map((acl) => [aclKey(acl), acl])))
    return changesOf([...gone.values()], (acl) => ({
      operation: 'DELETE',
      ...aclChange({ ...acl, resourcePatternType: acl.patternType }),
    }))
  }),
  apiChanges(AlterUserScramCredentials, ({ deletions, upsertions }, { results }) => {
    const made = new Map(upsertions.map(({ name, mechanism, iterations }) => [name, { mechanism, iterations }]))
    const gone = new Map(deletions.map(({ name, mechanism }) => [name, { mechanism, iterations: undefined }]))
    return changesOf(results, ({ user: name }) => {
      const { mechanism = 0, iterations } = made.get(name) ?? gone.get(name) ?? {}
      const detail = scramMechanisms.nameOf(mechanism)
      if (iterations === undefined) return { operation: 'DELETE', type: 'USER', name, detail }
      return { operation: 'ALTER', type: 'USER', name, detail: `${detail}, ${iterations} iterations` }
    })
  }),
  apiChanges(AlterClientQuotas, ({ entries, validateOnly }, answer) => {
    if (validateOnly) return []
    return changesOf(answer.entries, ({ entity }, at) => ({
      operation: 'ALTER_CONFIGS',
      type: 'QUOTA',
      name: entity.map(({ entityType, entityName }) => `${entityType}=${entityName ?? '<default>'}`).join(', '),
      detail: (entries[at]?.ops ?? [])
        .map(({ key, value, remove }) => (remove ? `${key} removed` : `${key}=${value}`))
        .join(', '),
    }))
  }),
]

interface AclMessage {
  readonly resourceType: number
  readonly resourceName: string
  readonly resourcePatternType: number
  readonly principal: string
  readonly host: string
  readonly operation: number
  readonly permissionType: number
}

function aclChange({ resourceName, ...acl }: AclMessage) {
  const pattern = patternTypes.nameOf(acl.resourcePatternType)
  const rule = `${aclPermissionTypes.nameOf(acl.permissionType)} ${aclOperations.nameOf(acl.operation)}`
  return {
    type: 'ACL',
    name: `${resourceTypes.nameOf(acl.resourceType)} ${resourceName}`,
    detail: `${rule} for ${acl.principal} from ${acl.host}${pattern === 'LITERAL' ? '' : `, ${pattern}`}`,
  } as const
}

function aclKey(acl: object): string {
  return JSON.stringify(acl)
}
