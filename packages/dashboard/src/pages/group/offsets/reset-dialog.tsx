import { useSignal } from '@preact/signals'
import type { ApiAnswers } from '@rivven/broker'
import { nameToPath } from '@rivven/protocol'
import { useEffect, useRef } from 'preact/hooks'
import { ask, meta } from '../../../api/call.js'
import { type Problem, problemIn } from '../../../api/problem.js'
import { Confirm } from '../../../parts/confirm.js'
import { Command } from '../../../parts/copy.js'
import { Name } from '../../../parts/name.js'
import { visible } from '../../../text/visible.js'
import { PlanTable } from './plan-table.js'
import { ResetFields } from './reset-fields.js'
import { bodyOf, consequenceText, handoverMs, type ResetForm, resetCommand, usualForm } from './reset-request.js'

type Reset = ApiAnswers.GroupReset

interface DialogProps {
  readonly group: string
  readonly page: ApiAnswers.GroupPage
  /** With what was done, if anything was. */
  close(done?: Reset): void
}

type Stage =
  | { readonly kind: 'choosing'; readonly problem?: Problem | string }
  | { readonly kind: 'asking' }
  | { readonly kind: 'planned'; readonly plan: Reset; readonly problem?: Problem }
  | { readonly kind: 'doing'; readonly plan: Reset }

/** Where to, what that would do, and then, when the group's name is typed, does it. */
export function ResetDialog({ group, page, close }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const form = useSignal<ResetForm>(usualForm)
  const stage = useSignal<Stage>({ kind: 'choosing' })
  const isLive = page.memberCount > 0
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const makePlan = (): void => {
    const body = bodyOf(form.value, isLive)
    if (typeof body === 'string') stage.value = { kind: 'choosing', problem: body }
    else {
      stage.value = { kind: 'asking' }
      send(group, { ...body, dryRun: true }).then(
        (plan) => (stage.value = { kind: 'planned', plan }),
        (error: unknown) => (stage.value = { kind: 'choosing', problem: problemIn(error) }),
      )
    }
  }
  const apply = (plan: Reset): void => {
    const body = bodyOf(form.value, isLive) as object
    stage.value = { kind: 'doing', plan }
    // Offsets of a group with members move all the time: there is nothing to compare with.
    send(group, isLive ? body : { ...body, ifUnchanged: plan.fingerprint }).then(close, (error: unknown) => {
      stage.value = { kind: 'planned', plan, problem: problemIn(error) }
    })
  }
  const now = stage.value
  return (
    <dialog ref={dialog} class="wide" onClose={() => close()} aria-labelledby="reset-title">
      <h2 id="reset-title">
        Move offsets of <Name name={group} />
      </h2>
      {now.kind === 'choosing' || now.kind === 'asking' ? (
        <Choosing form={form} page={page} stage={now} makePlan={makePlan} />
      ) : (
        <Planned
          form={form.value}
          stage={now}
          apply={() => apply(now.plan)}
          back={() => (stage.value = { kind: 'choosing' })}
        />
      )}
      <p>
        <Command command={resetCommand(group, form.value, isLive)} />
      </p>
      <p class="actions">
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </p>
    </dialog>
  )
}

function send(group: string, body: object): Promise<Reset> {
  return ask<Reset>(`api/groups/${nameToPath(group)}/resets`, { method: 'POST', body, lastsMs: handoverMs })
}

interface ChoosingProps {
  readonly form: { value: ResetForm }
  readonly page: ApiAnswers.GroupPage
  readonly stage: Extract<Stage, { kind: 'choosing' | 'asking' }>
  makePlan(): void
}

function Choosing({ form, page, stage, makePlan }: ChoosingProps) {
  const problem = stage.kind === 'choosing' ? stage.problem : undefined
  const isOff = meta.value !== undefined && !meta.value.actions
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        makePlan()
      }}
    >
      <ResetFields
        form={form}
        topics={[...new Set(page.offsets.map(({ topic }) => topic))]}
        members={page.memberCount}
      />
      {problem !== undefined && <Fault problem={problem} />}
      {isOff ? (
        <p>
          This address changes nothing (<code>http_actions</code> is off). In a terminal this shows the plan, asks, and
          does it:
        </p>
      ) : (
        <p>
          <button type="submit" class="primary" disabled={stage.kind === 'asking'}>
            Show the plan
          </button>
        </p>
      )}
    </form>
  )
}

function Fault({ problem }: { problem: Problem | string }) {
  if (typeof problem === 'string') return <p role="alert">{problem}</p>
  return (
    <p role="alert">
      <strong>{problem.title}</strong> {visible(problem.detail)} {problem.hint}
    </p>
  )
}

interface PlannedProps {
  readonly form: ResetForm
  readonly stage: Extract<Stage, { kind: 'planned' | 'doing' }>
  apply(): void
  back(): void
}

function Planned({ form, stage, apply, back }: PlannedProps) {
  const { plan } = stage
  return (
    <>
      <PlanTable changes={plan.changes} />
      <p>{consequenceText(plan, form)}</p>
      {stage.kind === 'planned' && stage.problem && <Fault problem={stage.problem} />}
      {stage.kind === 'doing' ? (
        <p role="status">Moving…{plan.memberCount > 0 && ' Members have been asked to hand over.'}</p>
      ) : (
        <Confirm name={plan.groupId} what="Reset" label="Type the group’s name" confirm={apply}>
          <button type="button" onClick={back}>
            Change it
          </button>
        </Confirm>
      )}
      <p class="dim">One click takes it back, for 7 days.</p>
    </>
  )
}
