import { statuses, verdictReasons } from '@rivven/groups'
import { learnEnds } from '../../lag/committed-elsewhere.js'
import type { LagRow } from '../../lag/lag-row.js'
import { route } from '../route.js'
import { flag, list, nullable, number, one, shape, type Told, text, word } from '../shape.js'
import { lookAt, ofGroup } from './one-group.js'
import { isOpenTo } from './told-group.js'

const lagRow = shape('LagRow', {
  topic: text('Name of the topic.'),
  partition: number('Index of the partition.'),
  currentOffset: nullable(number('What the group has committed; null: nothing, a member just owns the partition.')),
  logStartOffset: nullable(number('The first offset that can be read; null: another broker leads the partition.')),
  logEndOffset: nullable(number('Behind the last record that can be read.')),
  lag: nullable(number('Records between the offset and the end; below 0 where the offset is beyond it.')),
  waiting: nullable(flag('Is there anything that the group could get? Markers and aborted records are not.')),
  lagSeconds: nullable(number('How long the first of what waits has been there; null: not known, or beyond the end.')),
  basis: nullable(
    word(['arrival', 'timestamp'], 'Whose clock tells that: the broker’s, or the producer’s where it fits.'),
  ),
  exact: nullable(flag('False: the middle of what is known.')),
  lost: nullable(number('Records that were removed before the group has read them.')),
  heldBackSeconds: nullable(number('How long an open transaction has held back all that waits.')),
  consumedPerSecond: nullable(number('Offsets, over the last minutes; null: not sampled yet.')),
  producedPerSecond: nullable(number('The same of what comes.')),
  catchUpSeconds: nullable(number('When nothing will wait any more, if that goes on; null: never, or not known yet.')),
  eta: nullable(word(['growing', 'standing'], 'Why never.')),
  status: nullable(word(statuses, 'How the group does here; null: not sampled yet.')),
  reason: nullable(word(verdictReasons, 'Why it has stopped, or what it does.')),
  owner: nullable(text('Id of the member that owns the partition.')),
  pending: flag('Does an open transaction hold an offset that is to follow?'),
})

export const groupLagPage = shape('GroupLag', { items: list(one(lagRow, 'By topic and partition.')) })

export const groupLag = route(
  {
    name: 'GET /api/groups/:group/lag',
    about:
      'How far a group is behind in each partition where it has committed, or that a member owns (docs/monitoring.md). Topics that one may not describe are left out.',
    ...ofGroup,
    answer: groupLagPage,
  },
  async (visitor) => {
    const { services, caller } = visitor
    await learnEnds(services)
    return lookAt(visitor, async (group) => {
      const items: readonly (LagRow & Told<typeof lagRow>)[] = await services.lag.rowsOf(group, isOpenTo(caller))
      return { items }
    })
  },
)
