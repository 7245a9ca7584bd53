import type { RebalanceStory } from '@rivven/groups'
import { int, long, optional } from '../../config/setting.js'
import { handOverOf } from '../../doctor/history-of.js'
import type { Caller } from '../../handlers/rights/denial.js'
import { route } from '../route.js'
import { list, nullable, number, one, other, shape, text } from '../shape.js'
import { ofGroup } from './one-group.js'
import { isOpenTo } from './told-group.js'

const handOver = shape('HandOver', {
  generation: number('The generation in which other members got these partitions.'),
  at: number('When the first of them was fetched by its new owner.'),
  cause: text('Why their owners before gave them up.'),
  partitions: number('Partitions that new owners have begun to read.'),
  partitionsReadAgain: number('Of these, those that began before the place where the owner before was.'),
  recordsReadAgain: number('Records that were read again by that.'),
  pauseMedianMs: number('From the last fetch of the owner before to the first of the new one.'),
  pauseMaxMs: number('The longest of them.'),
})

export const timeline = shape('Timeline', {
  rebalances: list(
    other<RebalanceStory>(
      '`RebalanceStory`',
      'The stories of its rebalances, oldest first, as `rivvenctl group timeline` shows them.',
    ),
  ),
  handOvers: list(
    one(
      handOver,
      'What became of partitions that moved, of the last 50 rebalances in which any did; of partitions that the coordinator leads.',
    ),
  ),
  before: nullable(number('`before` of the page with those that came earlier; null: there is none.')),
})

export const groupTimeline = route(
  {
    name: 'GET /api/groups/:group/timeline',
    about: 'The newest rebalances of a group that are remembered. Of a group that is unknown there are none.',
    ...ofGroup,
    query: {
      before: optional(long(0, 'Only rebalances that began before this time.', { min: 0 })),
      limit: int(100, 'Most of them: the newest.', { min: 1, max: 1000 }),
    },
    answer: timeline,
  },
  async ({ services, caller, path, query }) => {
    const { before, limit } = query
    const { flightRecorder, coordinator } = services
    const { group = '' } = path
    // Who watches a group asks for the newest every second.
    const all =
      before === undefined
        ? flightRecorder.storiesOf(group, limit + 1)
        : flightRecorder.storiesOf(group).filter(({ startedAt }) => startedAt < before)
    const rebalances = all.slice(-limit).map((story) => storyFor(caller, story))
    const handOvers = await coordinator.look(
      group,
      (known) => (known ? coordinator.histories.of(known)?.handOvers.all : undefined) ?? [],
      () => [],
    )
    return {
      rebalances,
      handOvers: handOvers.map(handOverOf),
      before: all.length > limit ? (rebalances[0]?.startedAt ?? null) : null,
    }
  },
)

function storyFor(caller: Caller, story: RebalanceStory): RebalanceStory {
  const { partitions } = story
  if (!partitions) return story
  const isOpen = isOpenTo(caller)
  return { ...story, partitions: { ...partitions, moves: partitions.moves.filter(({ topic }) => isOpen(topic)) } }
}
