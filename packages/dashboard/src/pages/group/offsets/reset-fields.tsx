import { shownName } from '../../../text/visible.js'
import { handoverMs, type ResetForm, type ResetTarget, targets } from './reset-request.js'

interface FieldsProps {
  readonly form: { value: ResetForm }
  readonly topics: readonly string[]
  readonly members: number
}

/** Where to, in which topics, and what becomes of members. */
export function ResetFields({ form, topics, members }: FieldsProps) {
  const chosen = form.value
  const change = (part: Partial<ResetForm>): void => {
    form.value = { ...form.value, ...part }
  }
  const asks = targets.find(({ to }) => to === chosen.to)?.asks
  return (
    <div class="fields">
      <label>
        To{' '}
        <select
          value={chosen.to}
          onChange={({ currentTarget }) => change({ to: currentTarget.value as ResetTarget, text: '' })}
        >
          {targets.map(({ to, label }) => (
            <option key={to} value={to}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {asks !== undefined && <Text label={asks} value={chosen.text} changed={(text) => change({ text })} />}
      <label>
        In{' '}
        <select value={chosen.topic} onChange={({ currentTarget }) => change({ topic: currentTarget.value })}>
          <option value="">all topics</option>
          {topics.map((topic) => (
            <option key={topic} value={topic}>
              {shownName(topic)}
            </option>
          ))}
        </select>
      </label>
      <Text label="Reason (kept in the timeline)" value={chosen.reason} changed={(reason) => change({ reason })} />
      {members > 0 && <Members handsOver={chosen.handsOver} changed={(handsOver) => change({ handsOver })} />}
    </div>
  )
}

function Text({ label, value, changed }: { label: string; value: string; changed: (text: string) => void }) {
  return (
    <label>
      {label} <input value={value} autocomplete="off" onInput={({ currentTarget }) => changed(currentTarget.value)} />
    </label>
  )
}

function Members({ handsOver, changed }: { handsOver: boolean; changed: (handsOver: boolean) => void }) {
  return (
    <fieldset>
      <legend>Members</legend>
      <label class="check">
        <input type="radio" name="mode" checked={handsOver} onChange={() => changed(true)} /> hand over within{' '}
        {handoverMs / 1000} s
      </label>
      <label class="check">
        <input type="radio" name="mode" checked={!handsOver} onChange={() => changed(false)} /> are put out at once
      </label>
    </fieldset>
  )
}
