import type { AclOperation, AclPermissionType, PatternType, ResourceType } from '@rivven/protocol'
import type { Acl } from '../../src/security/acls/acl.js'

/** An ACL in one line, as recordings have it: `ALLOW User:alice READ TOPIC PREFIXED orders- *`. */
export function aclOf(text: string): Acl {
  const [permission, principal, operation, resourceType, patternType, name, host] = text.split(' ') as [
    AclPermissionType,
    string,
    AclOperation,
    ResourceType,
    PatternType,
    string,
    string,
  ]
  return { resourceType, patternType, name, principal, host, operation, permission }
}

export function textOf({ resourceType, patternType, name, principal, host, operation, permission }: Acl): string {
  return [permission, principal, operation, resourceType, patternType, name, host].join(' ')
}
