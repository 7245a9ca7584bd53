import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { nameToPath } from '@rivven/protocol'
import { summary } from '../../../finding/finding-text.js'
import { Findings, NotLooked } from '../../../finding/findings.js'
import { Empty } from '../../../loaded/empty.js'
import { Shown } from '../../../loaded/shown.js'
import { useCall } from '../../../loaded/use-call.js'
import { Command } from '../../../parts/copy.js'
import type { TabProps } from '../tabs.js'

/** What is wrong with this group. */
export function DoctorTab({ group }: TabProps) {
  const { loaded, again } = useCall<ApiAnswers.GroupDiagnosis>(`api/groups/${nameToPath(group)}/doctor`, 10_000)
  return (
    <Shown loaded={loaded} what="what is wrong">
      {({ findings, notLookedAt }) => (
        <>
          <div class="page-head">
            <h2>{summary(findings)}</h2>
            <button type="button" onClick={again}>
              Look again
            </button>
            <Command command={commandText('doctor', [group])} />
          </div>
          {findings.length === 0 && <Empty title="Nothing is wrong with this group" />}
          <Findings findings={findings} inGroup={group} />
          <NotLooked list={notLookedAt} />
        </>
      )}
    </Shown>
  )
}
