import { useSignal } from '@preact/signals'
import type { ApiAnswers } from '@rivven/broker'
import { useEffect, useMemo } from 'preact/hooks'
import { useKeys } from '../../../keys/use-keys.js'
import { shownName, visible } from '../../../text/visible.js'
import { after, type Timer } from '../../../world/clock.js'
import { type MapModel, trayId } from '../map/map-model.js'
import { PartitionMap } from '../map/partition-map.js'
import { ownerLabel } from '../now/owners.js'

type Moves = NonNullable<ApiAnswers.Timeline['rebalances'][number]['partitions']>['moves']

/** So long one sees how it was before. */
const beforeMs = 700

/** What changed hands in a rebalance, as it did: with Space or the button again. */
export function Replay({ moves }: { moves: Moves }) {
  const side = useSignal<'from' | 'to'>('to')
  const timer = useSignal<Timer | undefined>(undefined)
  const model = useMemo(() => modelOf(moves, side.value), [moves, side.value])
  useEffect(() => () => timer.peek()?.cancel(), [])
  const play = (): void => {
    timer.peek()?.cancel()
    side.value = 'from'
    timer.value = after(beforeMs, () => {
      side.value = 'to'
    })
  }
  useKeys({ ' ': play })
  return (
    <>
      <p>
        <button type="button" onClick={play}>
          Replay
        </button>{' '}
        <span class="dim">{side.value === 'from' ? 'before' : 'after'}</span>
      </p>
      <PartitionMap model={model} label={labelOf(moves)} hasLegend={false} />
    </>
  )
}

function modelOf(moves: Moves, side: 'from' | 'to'): MapModel {
  const owners = new Set(moves.flatMap(({ from, to }) => [from, to]).filter((owner) => owner !== null))
  const hasTray = moves.some(({ from, to }) => from === null || to === null)
  const blocks = [...owners].sort().map((id) => ({ id, label: visible(ownerLabel(id)) }))
  const topics = new Set(moves.map(({ topic }) => topic))
  return {
    blocks: hasTray ? [...blocks, { id: trayId, label: 'no owner' }] : blocks,
    tiles: moves.map(({ topic, partition, ...owner }) => ({
      key: `${topic}/${partition}`,
      block: owner[side] ?? trayId,
      label: String(partition),
      note: topics.size > 1 ? shownName(topic).slice(0, 6) : '',
      tone: 'unknown',
      isRevoked: false,
    })),
  }
}

function labelOf(moves: Moves): string {
  const told = moves.slice(0, 10).map(({ topic, partition, to }) => `${topic}/${partition} to ${to ?? 'nobody'}`)
  return visible(`What changed hands: ${told.join(', ')}${moves.length > 10 ? ', and more' : ''}`)
}
