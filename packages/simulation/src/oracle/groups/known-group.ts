import type { Exchange } from '../../history/history.js'

/** A generation, as far as the wire tells. */
export interface Generation {
  readonly number: number
  readonly leader: string
  readonly protocol: string
  /** Member ids that were told of it. */
  readonly told: Set<string>
  /** What the leader sent to each member. */
  sent: ReadonlyMap<string, Buffer> | undefined
  isOver: boolean
}

/** What is known of a group from outside. */
export interface Group {
  /** Its coordinator loads, and answers all heartbeats with success meanwhile, as Kafka's does. */
  isLoading: boolean
  newest: number
  /** Requests of an older generation must fail, if they came after it began. */
  current: number
  currentSince: number
  /** The newest generation whose assignment was handed out, so which is stored. */
  stored: number
  readonly generations: Map<number, Generation>
  /** Who has an instance id, newest last, and since which generation. */
  readonly instances: Map<string, { memberId: string; generation: number }[]>
  /** Every member id that was ever given out, or brought along. */
  readonly known: Set<string>
  /** Who has left for good: when that was answered, and the newest generation that somebody had been told of by then. */
  readonly left: Map<string, { readonly newest: number; readonly at: number }>
  /** By instance id: who came last without a member id, and was answered. */
  readonly comers: Map<string, Exchange>
  /** JoinGroups without a clear answer so far. */
  readonly joining: Set<Exchange>
}

export function newGroup(): Group {
  return {
    isLoading: false,
    newest: -1,
    current: -1,
    currentSince: 0,
    stored: -1,
    generations: new Map(),
    instances: new Map(),
    known: new Set(),
    left: new Map(),
    comers: new Map(),
    joining: new Set(),
  }
}

export function newGeneration(of: Pick<Generation, 'number' | 'leader' | 'protocol'>): Generation {
  return { ...of, told: new Set(), sent: undefined, isOver: false }
}

/** What was under way is gone; the group goes on where it was stored. */
export function forgetRebalance(group: Group): void {
  group.current = group.stored
  // Who has left is out with the next generation that is stored.
  group.left.clear()
  for (const [instanceId, { response }] of group.comers) {
    if (!response || response.generationId > group.stored) group.comers.delete(instanceId)
  }
  for (const [instanceId, takers] of group.instances) {
    const stored = takers.filter(({ generation }) => generation <= group.stored)
    group.instances.set(instanceId, stored)
  }
  for (const generation of group.generations.values()) generation.isOver = false
}

export function noteInstance(group: Group, instanceId: string, taker: { memberId: string; generation: number }): void {
  const takers = group.instances.get(instanceId) ?? []
  if (!takers.some(({ memberId }) => memberId === taker.memberId)) group.instances.set(instanceId, [...takers, taker])
}
