import { useSignal } from '@preact/signals'
import { commandText } from '@rivven/doctor'
import { nameToPath } from '@rivven/protocol'
import { ask, meta } from '../../api/call.js'
import { type Problem, problemIn } from '../../api/problem.js'
import { Confirm } from '../../parts/confirm.js'
import { Command } from '../../parts/copy.js'
import { visible } from '../../text/visible.js'

/** Ends a transaction whose producer does not. It cannot be taken back, so it says what follows, and wants the id typed. */
export function AbortTransaction({ id, aborted }: { id: string; aborted: () => void }) {
  const problem = useSignal<Problem | undefined>(undefined)
  const abort = (): void => {
    ask(`api/transactions/${nameToPath(id)}/abort`, { method: 'POST', body: {} }).then(aborted, (error: unknown) => {
      problem.value = problemIn(error)
    })
  }
  return (
    <section class="panel">
      <h2>End it</h2>
      <p>
        Its producer is shut out, as by a new instance of it, and must start anew. What it has written is never seen by
        readers of committed data. That cannot be taken back.
      </p>
      {problem.value && <p role="alert">{visible(problem.value.detail)}</p>}
      {meta.value?.actions === true && (
        <Confirm name={id} what="Abort" label="Type the transactional id" confirm={abort} />
      )}
      <p>
        <Command command={commandText('transaction abort', [id])} />
      </p>
    </section>
  )
}
