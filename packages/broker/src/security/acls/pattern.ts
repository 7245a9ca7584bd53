import type { AclPermissionType, PatternType } from '@rivven/protocol'
import type { Acl } from './acl.js'
import { bitOf, EVERY_OPERATION, includes, NO_OPERATION, type Operations, operationOf } from './operations.js'
import type { Peer } from './peer.js'

/** What ACLs say, before it is decided what of it counts. */
export interface Rights {
  allowed: Operations
  denied: Operations
}

/** Some of a pattern's ACLs; null: whoever, from wherever. */
export interface MeantRules {
  readonly principal: string | null
  readonly host: string | null
  readonly operations: Operations
  readonly permissions: readonly AclPermissionType[]
}

const everyRule: MeantRules = {
  principal: null,
  host: null,
  operations: EVERY_OPERATION,
  permissions: ['ALLOW', 'DENY'],
}

interface RulesOf {
  readonly principal: string
  readonly host: string
  readonly rights: Rights
}

const sideOf = { ALLOW: 'allowed', DENY: 'denied' } as const

/** All ACLs of one pattern, by principal and host: what one peer may is a few look-ups, however many there are. */
export class Pattern {
  readonly #of: Pick<Acl, 'resourceType' | 'patternType' | 'name'>
  readonly #rights = new Map<string, Map<string, Rights>>()

  constructor({ resourceType, patternType, name }: Pick<Acl, 'resourceType' | 'patternType' | 'name'>) {
    this.#of = { resourceType, patternType, name }
  }

  get name(): string {
    return this.#of.name
  }

  get kind(): PatternType {
    return this.#of.patternType
  }

  get isEmpty(): boolean {
    return this.#rights.size === 0
  }

  names(principal: string): boolean {
    return this.#rights.has(principal)
  }

  has({ principal, host, operation, permission }: Acl): boolean {
    return includes(this.#rights.get(principal)?.get(host)?.[sideOf[permission]] ?? NO_OPERATION, operation)
  }

  add({ principal, host, operation, permission }: Acl): void {
    const hosts = this.#rights.get(principal) ?? new Map<string, Rights>()
    const rights = hosts.get(host) ?? { allowed: NO_OPERATION, denied: NO_OPERATION }
    rights[sideOf[permission]] |= bitOf(operation)
    hosts.set(host, rights)
    this.#rights.set(principal, hosts)
  }

  remove({ principal, host, operation, permission }: Acl): void {
    const hosts = this.#rights.get(principal)
    const rights = hosts?.get(host)
    if (hosts === undefined || rights === undefined) return
    rights[sideOf[permission]] &= ~bitOf(operation)
    if ((rights.allowed | rights.denied) === NO_OPERATION) hosts.delete(host)
    if (hosts.size === 0) this.#rights.delete(principal)
  }

  /** Adds what is said of a peer to `sum`. */
  addRights({ principals, hosts }: Peer, sum: Rights): void {
    for (const principal of principals) {
      const byHost = this.#rights.get(principal)
      if (byHost === undefined) continue
      for (const host of hosts) {
        const rights = byHost.get(host)
        if (rights === undefined) continue
        sum.allowed |= rights.allowed
        sum.denied |= rights.denied
      }
    }
  }

  rightsOf(peer: Peer): Rights {
    const sum: Rights = { allowed: NO_OPERATION, denied: NO_OPERATION }
    this.addRights(peer, sum)
    return sum
  }

  /** All ACLs of the pattern, or those that are meant. */
  acls(meant: MeantRules = everyRule): Acl[] {
    const found: Acl[] = []
    for (const [principal, hosts] of chosen(this.#rights, meant.principal)) {
      for (const [host, rights] of chosen(hosts, meant.host)) this.#collect({ principal, host, rights }, meant, found)
    }
    return found
  }

  #collect({ principal, host, rights }: RulesOf, meant: MeantRules, found: Acl[]): void {
    const { resourceType, patternType, name } = this.#of
    for (const permission of meant.permissions) {
      const operations = rights[sideOf[permission]] & meant.operations
      for (let left = operations; left !== NO_OPERATION; left &= left - 1) {
        const operation = operationOf(left & -left)
        found.push({ resourceType, patternType, name, principal, host, operation, permission })
      }
    }
  }
}

function chosen<Value>(map: ReadonlyMap<string, Value>, key: string | null): Iterable<[string, Value]> {
  if (key === null) return map
  const value = map.get(key)
  return value === undefined ? [] : [[key, value]]
}
