import type { AclOperation, ResourceType } from '@rivven/protocol'
import { ANY_NAME } from './acls/acl.js'
import type { AclImage } from './acls/acl-index.js'
import {
  ALL_OPERATION,
  bitOf,
  EVERY_OPERATION,
  granted,
  includes,
  NO_OPERATION,
  type Operations,
} from './acls/operations.js'
import type { Pattern, Rights } from './acls/pattern.js'
import { type Peer, peerOf } from './acls/peer.js'

export interface AuthorizerOptions {
  readonly acls: AclImage
  /** Principals that may do everything, whatever the ACLs say. */
  readonly superUsers: ReadonlySet<string>
  /** What no ACL of anybody speaks of is open to everybody. Default false. */
  readonly allowEveryoneIfNoAclFound?: boolean
}

/** Decides by Kafka's rules (StandardAuthorizer) who may do what. Reads the ACLs anew each time: `Access` remembers. */
export class Authorizer {
  readonly #acls: AclImage
  readonly #superUsers: ReadonlySet<string>
  readonly #whereNoAcl: Operations

  constructor({ acls, superUsers, allowEveryoneIfNoAclFound = false }: AuthorizerOptions) {
    this.#acls = acls
    this.#superUsers = superUsers
    this.#whereNoAcl = allowEveryoneIfNoAclFound ? EVERY_OPERATION : NO_OPERATION
  }

  /** What was decided counts as long as this is the same. */
  get version(): number {
    return this.#acls.version
  }

  may(principal: string, host: string, operation: AclOperation, type: ResourceType, name: string): boolean {
    return includes(this.operationsOf(peerOf(principal, host), type, name), operation)
  }

  /** Whether there may be one resource of the type, whatever its name, with which `operation` is allowed. */
  mayOnAny(principal: string, host: string, operation: AclOperation, type: ResourceType): boolean {
    return this.permitsOnAny(peerOf(principal, host), operation, type)
  }

  /** All that the peer may do with one resource. */
  operationsOf(peer: Peer, type: ResourceType, name: string): Operations {
    if (this.#superUsers.has(peer.principal)) return EVERY_OPERATION
    const patterns = this.#acls.patternsOver(type, name)
    if (patterns.length === 0) return this.#whereNoAcl
    const { allowed, denied } = rightsBy(patterns, peer)
    return granted(allowed, denied)
  }

  permitsOnAny(peer: Peer, operation: AclOperation, type: ResourceType): boolean {
    // The name that Kafka asks for; no ACL has it but by accident.
    if (includes(this.operationsOf(peer, type, 'hardcode'), operation)) return true
    const asked = bitOf(operation) | ALL_OPERATION
    const everyName = this.#acls.pattern(type, 'LITERAL', ANY_NAME)?.rightsOf(peer)
    if (everyName !== undefined && (everyName.denied & asked) !== 0) return false
    if (everyName !== undefined && (everyName.allowed & asked) !== 0) return true
    for (const pattern of this.#acls.patternsNaming(type, peer.principals)) {
      if ((pattern.rightsOf(peer).allowed & asked) !== 0 && !this.#isCovered(pattern, { peer, type, asked }))
        return true
    }
    return false
  }

  /** Whether a denial takes away all that the pattern may allow. */
  #isCovered(pattern: Pattern, { peer, type, asked }: { peer: Peer; type: ResourceType; asked: Operations }): boolean {
    const over = this.#acls
      .patternsOver(type, pattern.name)
      .filter((other) => pattern.kind === 'LITERAL' || other.kind === 'PREFIXED')
    return (rightsBy(over, peer).denied & asked) !== 0
  }
}

function rightsBy(patterns: readonly Pattern[], peer: Peer): Rights {
  const sum: Rights = { allowed: NO_OPERATION, denied: NO_OPERATION }
  for (const pattern of patterns) pattern.addRights(peer, sum)
  return sum
}
