import type { Json } from '../conversation.js'
import { at } from '../matching.js'

/** A part of an answer that says: not here. */
export interface Refusal {
  readonly errorCode: number
  /** The broker that it names instead. */
  readonly hint: number | undefined
}

// NOT_LEADER_OR_FOLLOWER, NOT_COORDINATOR
const elsewhere = new Set<Json>([6, 16])

export function refusals(answer: Json): Refusal[] {
  if (Array.isArray(answer)) return answer.flatMap(refusals)
  if (answer === null || typeof answer !== 'object') return []
  const own = isElsewhere(answer) ? [{ errorCode: codeOf(answer) as number, hint: hintOf(answer) }] : []
  return [...own, ...Object.values(answer).flatMap(refusals)]
}

export function isRefused(answer: Json): boolean {
  return refusals(answer).length > 0
}

/** What was refused in the first answer, as the later one has it. */
export function merged(first: Json, later: Json | undefined): Json {
  if (later === undefined || first === null || typeof first !== 'object') return first
  if (Array.isArray(first)) return first.map((element, index) => merged(element, sameIn(later, element, index)))
  if (isElsewhere(first)) return later
  return Object.fromEntries(Object.entries(first).map(([name, value]) => [name, merged(value, at(later, `/${name}`))]))
}

type Part = { [name: string]: Json }

function isElsewhere(part: Part): boolean {
  return elsewhere.has(codeOf(part) ?? 0)
}

function codeOf({ errorCode, partitionErrorCode }: Part): Json | undefined {
  return errorCode ?? partitionErrorCode
}

const keys = ['name', 'topic', 'topicId', 'partitionIndex', 'index', 'partition', 'groupId', 'transactionalId']

/** As a rule in the same place. */
function sameIn(list: Json, element: Json, index: number): Json | undefined {
  if (!Array.isArray(list)) return undefined
  const isSame = (other: Json | undefined) =>
    other !== undefined && keys.every((key) => at(other, `/${key}`) === at(element, `/${key}`))
  return isSame(list[index]) ? list[index] : list.find(isSame)
}

function hintOf(refused: Part): number | undefined {
  const leader = at(refused, '/currentLeader/leaderId')
  return typeof leader === 'number' && leader >= 0 ? leader : undefined
}
