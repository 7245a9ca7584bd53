import type { PatternType, ResourceType } from '@rivven/protocol'
import { type Acl, ANY_NAME } from './acl.js'
import { Pattern } from './pattern.js'
import { Prefixes } from './prefixes.js'

/** What an authorizer reads of the ACLs. A change comes between two turns, so that nobody ever sees half of one. */
export interface AclImage {
  /** Every change raises it. */
  readonly version: number
  /** All patterns that a name falls under: its own, `*`, and every prefix of it. */
  patternsOver(type: ResourceType, name: string): readonly Pattern[]
  pattern(type: ResourceType, patternType: PatternType, name: string): Pattern | undefined
  /** Those with an ACL that has one of these texts as principal; some may come twice. */
  patternsNaming(type: ResourceType, principals: readonly string[]): readonly Pattern[]
}

/** All ACLs, by what is asked of them: no question looks at all, and no change costs more where there are many. */
export class AclIndex implements AclImage {
  readonly #types = new Map<ResourceType, TypeIndex>()
  #count = 0
  #version = 0

  constructor(acls: Iterable<Acl> = []) {
    for (const acl of acls) this.#add(acl)
  }

  get version(): number {
    return this.#version
  }

  /** How many ACLs there are. */
  get count(): number {
    return this.#count
  }

  /** What is removed need not be there, and what is added may be. */
  change({ added = [], removed = [] }: { added?: Iterable<Acl>; removed?: Iterable<Acl> }): void {
    for (const acl of removed) this.#remove(acl)
    for (const acl of added) this.#add(acl)
    this.#version++
  }

  has(acl: Acl): boolean {
    return this.pattern(acl.resourceType, acl.patternType, acl.name)?.has(acl) ?? false
  }

  patternsOver(type: ResourceType, name: string): readonly Pattern[] {
    return this.#types.get(type)?.over(name) ?? []
  }

  pattern(type: ResourceType, patternType: PatternType, name: string): Pattern | undefined {
    return this.#types.get(type)?.of(patternType).get(name)
  }

  patternsNaming(type: ResourceType, principals: readonly string[]): readonly Pattern[] {
    const index = this.#types.get(type)
    return index === undefined ? [] : principals.flatMap((principal) => [...index.naming(principal)])
  }

  *patterns(type: ResourceType, patternType: PatternType): Generator<Pattern> {
    yield* this.#types.get(type)?.of(patternType).values() ?? []
  }

  *acls(): Generator<Acl> {
    for (const index of this.#types.values()) {
      for (const patternType of ['LITERAL', 'PREFIXED'] as const) {
        for (const pattern of index.of(patternType).values()) yield* pattern.acls()
      }
    }
  }

  #add(acl: Acl): void {
    if (this.has(acl)) return
    const index = this.#types.get(acl.resourceType) ?? new TypeIndex()
    this.#types.set(acl.resourceType, index)
    index.add(acl)
    this.#count++
  }

  #remove(acl: Acl): void {
    if (!this.has(acl)) return
    this.#types.get(acl.resourceType)?.remove(acl)
    this.#count--
  }
}

const none: ReadonlySet<Pattern> = new Set()

/** The patterns of one type of resource. None is empty. */
class TypeIndex {
  readonly #literals = new Map<string, Pattern>()
  readonly #prefixes = new Prefixes()
  readonly #byPrincipal = new Map<string, Set<Pattern>>()

  of(patternType: PatternType): Map<string, Pattern> | Prefixes {
    return patternType === 'LITERAL' ? this.#literals : this.#prefixes
  }

  over(name: string): Pattern[] {
    const found: Pattern[] = []
    for (const literal of name === ANY_NAME ? [name] : [name, ANY_NAME]) {
      const pattern = this.#literals.get(literal)
      if (pattern !== undefined) found.push(pattern)
    }
    this.#prefixes.over(name, found)
    return found
  }

  naming(principal: string): ReadonlySet<Pattern> {
    return this.#byPrincipal.get(principal) ?? none
  }

  add(acl: Acl): void {
    const patterns = this.of(acl.patternType)
    const pattern = patterns.get(acl.name) ?? new Pattern(acl)
    pattern.add(acl)
    patterns.set(acl.name, pattern)
    const named = this.#byPrincipal.get(acl.principal) ?? new Set()
    this.#byPrincipal.set(acl.principal, named.add(pattern))
  }

  remove(acl: Acl): void {
    const patterns = this.of(acl.patternType)
    const pattern = patterns.get(acl.name)
    if (pattern === undefined) return
    pattern.remove(acl)
    if (pattern.isEmpty) patterns.delete(acl.name)
    if (pattern.names(acl.principal)) return
    const named = this.#byPrincipal.get(acl.principal)
    named?.delete(pattern)
    if (named?.size === 0) this.#byPrincipal.delete(acl.principal)
  }
}
