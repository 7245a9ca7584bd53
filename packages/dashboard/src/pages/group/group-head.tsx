import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { StatusBadge } from '../../parts/badge.js'
import { Figure, Figures } from '../../parts/figure.js'
import { catchUp, count, duration } from '../../text/format.js'
import { shownName } from '../../text/visible.js'

/** How the group does, in numbers. */
export function GroupHead({ page }: { page: ApiAnswers.GroupPage }) {
  const describe = commandText('group describe', [page.groupId])
  const lag = commandText('group lag', [page.groupId], ['-o', 'wide'])
  const { status, state, generation, protocol, memberCount, lagSeconds, catchUpSeconds, eta } = page
  return (
    <Figures>
      <Figure label="Status" value={<StatusBadge status={status} />} command={lag} />
      <Figure
        label="State"
        value={state}
        command={describe}
        note={protocol ? shownName(protocol) : 'nobody assigns partitions'}
      />
      <Figure label="Generation" value={count(generation)} command={describe} />
      <Figure label="Members" value={count(memberCount)} command={describe} />
      <Figure label="Lag" value={count(page.lag)} command={lag} note="records" />
      <Figure label="Behind" value={duration(lagSeconds)} command={lag} note="the oldest that waits" />
      <Figure label="Catch-up" value={lagSeconds === null ? '–' : catchUp(catchUpSeconds, eta)} command={lag} />
    </Figures>
  )
}
