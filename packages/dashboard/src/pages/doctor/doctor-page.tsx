import type { ApiAnswers } from '@rivven/broker'
import { summary } from '../../finding/finding-text.js'
import { Findings, NotLooked } from '../../finding/findings.js'
import { Empty } from '../../loaded/empty.js'
import { Shown } from '../../loaded/shown.js'
import { useCall } from '../../loaded/use-call.js'
import { Command } from '../../parts/copy.js'
import { count } from '../../text/format.js'

type Diagnosis = ApiAnswers.ClusterDiagnosis

/** Looking at everything costs the broker something: not more often. */
const everyMs = 15_000

/** What is wrong with groups, brokers and what is stored there. */
export function DoctorPage() {
  const { loaded, again } = useCall<Diagnosis>('api/doctor', everyMs)
  const { value } = loaded.value
  return (
    <>
      <div class="page-head">
        <h1>Doctor</h1>
        <span class="counts">{value && lookedAt(value)}</span>
        <button type="button" onClick={again}>
          Look again
        </button>
        <Command command="rivvenctl doctor" />
      </div>
      <Shown loaded={loaded} what="what is wrong">
        {(diagnosis) => (
          <>
            {diagnosis.findings.length === 0 && <Nothing diagnosis={diagnosis} />}
            <Findings findings={diagnosis.findings} />
            <Missing brokers={diagnosis.missing} />
            <NotLooked list={diagnosis.notLookedAt} />
          </>
        )}
      </Shown>
    </>
  )
}

function lookedAt({ findings, groups, total }: Diagnosis): string {
  const of = groups === total ? count(groups) : `${count(groups)} of ${count(total)}`
  return `${summary(findings)} in ${of} ${total === 1 ? 'group' : 'groups'}`
}

function Nothing({ diagnosis: { groups } }: { diagnosis: Diagnosis }) {
  if (groups === 0)
    return (
      <Empty title="There are no groups to look at yet" command="rivvenctl consume TOPIC --group my-first-group">
        <p>Brokers and what is stored there are well. A group is looked at as soon as somebody joins it:</p>
      </Empty>
    )
  return <Empty title="Nothing is wrong" />
}

function Missing({ brokers }: { brokers: readonly number[] }) {
  if (brokers.length === 0) return null
  return (
    <p role="status">
      {brokers.length === 1 ? 'Broker' : 'Brokers'} {brokers.join(', ')} did not answer: what they know is missing here.
    </p>
  )
}
