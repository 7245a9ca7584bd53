import type { ApiAnswers } from '@rivven/broker'
import { statusSigns } from '../../../parts/badge.js'
import { duration } from '../../../text/format.js'
import { visible } from '../../../text/visible.js'
import { memberLabel, type OwnedPartition } from '../now/owners.js'

/** How a tile is coloured: by how long the first of what waits has been there. */
export type Tone = 'unknown' | 'fresh' | 'some' | 'late' | 'old'

/** Where tiles lie: what a member owns, the tray of those that nobody owns, or a topic. */
export interface Block {
  readonly id: string
  readonly label: string
}

export interface Tile {
  readonly key: string
  readonly block: string
  /** Its number, and how it does: drawn where there is room. */
  readonly label: string
  readonly note: string
  readonly tone: Tone
  /** Taken from its owner, and not given to another yet. */
  readonly isRevoked: boolean
}

export interface MapModel {
  readonly blocks: readonly Block[]
  readonly tiles: readonly Tile[]
}

/** Beyond that many tiles owners are not drawn: one sees how topics do. */
export const mostTiles = 2000

export const trayId = ' tray'

/** The map of a group as it is: a block a member, and a tray. */
export function mapOf(page: ApiAnswers.GroupPage, partitions: readonly OwnedPartition[]): MapModel {
  if (partitions.length > mostTiles) return heatMapOf(partitions)
  const isRebalancing = page.state !== 'Stable' && page.state !== 'Empty'
  const members = page.members.map((member) => ({ id: member.memberId, label: visible(memberLabel(member)) }))
  const tiles = partitions.map((partition) => tileOf(partition, partition.owner ?? trayId, isRebalancing))
  const hasTray = partitions.some(({ owner }) => owner === null)
  return { blocks: hasTray ? [...members, { id: trayId, label: 'no owner' }] : members, tiles }
}

function heatMapOf(partitions: readonly OwnedPartition[]): MapModel {
  const topics = [...new Set(partitions.map(({ topic }) => topic))]
  return {
    blocks: topics.map((topic) => ({ id: topic, label: visible(topic) })),
    tiles: partitions.map((partition) => tileOf(partition, partition.topic, false)),
  }
}

function tileOf(partition: OwnedPartition, block: string, isRebalancing: boolean): Tile {
  const { key, owner, lag } = partition
  const sign = lag?.status ? statusSigns[lag.status] : ''
  const isLate = (lag?.lagSeconds ?? 0) >= 1
  return {
    ...{ key, block, label: String(partition.partition), isRevoked: isRebalancing && owner === null },
    note: isLate ? `${sign} ${shortAge(lag?.lagSeconds ?? 0)}` : sign,
    tone: toneOf(lag?.lagSeconds ?? null),
  }
}

/** `41s`, `2m`, `3h`: as much as a tile has room for. */
function shortAge(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)}s`
  return seconds < 3600 ? `${Math.floor(seconds / 60)}m` : `${Math.floor(seconds / 3600)}h`
}

export function toneOf(seconds: number | null): Tone {
  if (seconds === null) return 'unknown'
  if (seconds < 1) return 'fresh'
  if (seconds < 30) return 'some'
  return seconds < 300 ? 'late' : 'old'
}

export const toneWords: Readonly<Record<Tone, string>> = {
  fresh: `below ${duration(1)}`,
  some: `below ${duration(30)}`,
  late: `below ${duration(300)}`,
  old: 'more',
  unknown: 'not known',
}
