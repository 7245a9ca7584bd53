import type { AskedLeaders } from '../image.js'
import { evenOut } from './even-out.js'
import { leadersBy } from './leaders-by.js'
import { ableOf, add, askedOf, type Placement } from './placement.js'
import { TopicQuotas } from './quotas.js'

export type MoveReason = 'death' | 'drain' | 'request' | 'balance'

export interface Move {
  readonly partId: number
  /** Of the leadership that ends: a move counts for no other. */
  readonly epoch: number
  /** Null: nobody leads it. */
  readonly from: number | null
  readonly to: number
  /** Its leader is gone, or there is none; its leader is being drained; others have less; somebody has asked for it. */
  readonly why: MoveReason
}

const urgency: Record<MoveReason, number> = { death: 0, drain: 1, request: 2, balance: 3 }

/**
 * Which partitions should get another leader: as few as can be until each topic is spread over the brokers to a difference of
 * one, and the whole cluster to a tenth (`evenOut`). The same on every broker that has the same image, whatever the order of
 * its lists. Of a plan that was carried out in part, in any order, the rest is left. The most urgent moves come first, then
 * topics by name and partitions by number. None where no broker is here. Partitions for which a broker is asked that may lead go
 * to it, and the others are spread as evenly as that allows.
 */
export function planMoves(placement: Placement): Move[] {
  const { brokers, topics } = placement
  const able = ableOf(brokers)
  if (able.length === 0) return []
  const here = new Map(brokers.map(({ id }) => [id, able.includes(id)]))
  const moves = quotasOf(topics, able, askedOf(placement, able)).flatMap((quotas) => movesOf(quotas, here))
  return moves.sort((a, b) => urgency[a.why] - urgency[b.why])
}

/** Who has how many is settled for all topics before any partition is looked at. */
function quotasOf(topics: Placement['topics'], able: readonly number[], asked: AskedLeaders): TopicQuotas[] {
  const byName = [...topics]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((topic) => new TopicQuotas(topic, able, asked))
  for (const topic of byName) topic.keep()
  const load = new Map(able.map((id) => [id, 0]))
  for (const { quotas } of byName) for (const [id, count] of quotas) add(load, id, count)
  for (const topic of byName) topic.fill(load)
  evenOut(byName, load)
  return byName
}

function movesOf(quotas: TopicQuotas, here: ReadonlyMap<number, boolean>): Move[] {
  if (!quotas.moves) return []
  const leaders = leadersBy(quotas)
  return quotas.topic.partitions.flatMap(({ partId, epoch, leader: from }, index) => {
    const to = leaders[index]
    if (to === undefined || to === from) return []
    return [{ partId, epoch, from, to, why: reasonOf(from, { here, isAsked: quotas.asked.has(partId) }) }]
  })
}

/** `here`: true for those that may lead, false for those that are being drained. */
function reasonOf(
  from: number | null,
  { here, isAsked }: { here: ReadonlyMap<number, boolean>; isAsked: boolean },
): MoveReason {
  const mayLead = from === null ? undefined : here.get(from)
  if (mayLead === undefined) return 'death'
  if (!mayLead) return 'drain'
  return isAsked ? 'request' : 'balance'
}
