import { useSignal } from '@preact/signals'
import { commandText } from '@rivven/doctor'
import { askBytes, token, urlOf } from '../../../api/call.js'
import { type Problem, problemIn } from '../../../api/problem.js'
import { Command } from '../../../parts/copy.js'
import { kindText, type RecordValue, valueLines, wholeLines } from '../../../record/value-lines.js'
import { bytes } from '../../../text/format.js'
import { type RecordPlace, valuePath } from './records-query.js'

/** Larger ones are saved, and not shown. */
const mostShown = 1024 * 1024

interface ValueBlockProps {
  readonly title: string
  readonly value: RecordValue | null
  /** Where the rest of it can be had. */
  readonly place?: RecordPlace
  readonly part?: 'key' | 'value'
}

/** A key, a value or a header: what it looks like, and its lines. */
export function ValueBlock({ title, value, place, part = 'value' }: ValueBlockProps) {
  const whole = useSignal<readonly string[] | Problem | undefined>(undefined)
  if (value === null)
    return (
      <p>
        {title}: <span class="dim">none</span>
      </p>
    )
  const show = (path: string): void => {
    askBytes(path).then(
      (all) => {
        whole.value = wholeLines(value.kind, all)
      },
      (error: unknown) => {
        whole.value = problemIn(error)
      },
    )
  }
  const lines = Array.isArray(whole.value) ? (whole.value as readonly string[]) : valueLines(value)
  const fault = whole.value !== undefined && !Array.isArray(whole.value) ? (whole.value as Problem) : undefined
  const isCut = value.isCut && !Array.isArray(whole.value)
  return (
    <section class="value-block">
      <h3>
        {title} <span class="dim">{`${kindText(value)}, ${bytes(value.size)}`}</span>
      </h3>
      {/* Scrolled by keys, too. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached */}
      <pre dir="ltr" tabIndex={0}>
        {lines.join('\n')}
        {isCut && '\n…'}
      </pre>
      {fault && <p role="alert">{fault.detail}</p>}
      {place && isCut && <Rest place={place} part={part} size={value.size} show={show} />}
    </section>
  )
}

interface RestProps {
  readonly place: RecordPlace
  readonly part: 'key' | 'value'
  readonly size: number
  show(path: string): void
}

/** Only the beginning is here. Where one logs in with a token, a link would not send it: then the command does. */
function Rest({ place, part, size, show }: RestProps) {
  const { topic, partition, offset } = place
  const flags = ['--partition', String(partition), '--offset', String(offset), '-n', '1']
  return (
    <p class="actions">
      {size <= mostShown && (
        <button type="button" onClick={() => show(valuePath(place, part))}>
          Show all {bytes(size)}
        </button>
      )}
      {token.value === '' && (
        <a href={urlOf(valuePath(place, part, true))} download={`${part}-${partition}-${offset}.bin`}>
          Save it
        </a>
      )}
      <Command command={commandText('consume', [topic], flags)} />
    </p>
  )
}
