import { checks } from '@rivven/config'
import { aclPermissionTypes, patternTypes, resourceTypes } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { listDocument, readStored } from '../../storage/stored-document.js'
import type { Acl } from './acl.js'
import { operationNames } from './operations.js'

export const ACL_DOCUMENT = 'acls'

interface AclDocument {
  readonly version: 1
  readonly acls: readonly Acl[]
}

const known = <Name extends string>(names: readonly Name[]) =>
  checks.oneOf(...names.filter((name) => name !== 'UNKNOWN' && name !== 'ANY' && name !== 'MATCH'))

const documentCheck = checks.object<AclDocument>({
  version: checks.anything,
  acls: checks.listOf(
    checks.object<Acl>({
      resourceType: known(resourceTypes.names),
      patternType: known(patternTypes.names),
      name: checks.text,
      principal: checks.text,
      host: checks.anyText,
      operation: checks.oneOf(...operationNames),
      permission: known(aclPermissionTypes.names),
    }),
  ),
})

/** @throws StoredDataError */
export function readAcls(content: Buffer): readonly Acl[] {
  return readStored<AclDocument>(ACL_DOCUMENT, content, documentCheck).acls
}

/** An ACL as it is stored. Equal ones have equal texts. */
export function aclText({ resourceType, patternType, name, principal, host, operation, permission }: Acl): string {
  return JSON.stringify({ resourceType, patternType, name, principal, host, operation, permission })
}

export function writeAcls(texts: Iterable<string>, clock: Clock): Promise<Buffer> {
  return listDocument('{"version":1,"acls":', texts, clock)
}
