import { withQuery } from '../../../route/location.js'
import type { PageProps } from '../../pages.js'
import { usualCount, type Way, wayOf } from './records-query.js'

interface FormProps {
  readonly query: PageProps['query']
  readonly partitionCount: number
}

const wayWords: Readonly<Record<Way, string>> = { newest: 'the newest', offset: 'from an offset', time: 'from a time' }

/** Which records: it stands in the address as soon as it is asked for. */
export function RecordsForm({ query, partitionCount }: FormProps) {
  const way = wayOf(query)
  const ask = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const said = (name: string): string => String(form.get(name) ?? '')
    const texts = ['partition', 'offset', 'time', 'count', 'search', 'isolation', 'show']
    withQuery({ ...Object.fromEntries(texts.map((name) => [name, said(name)])), from: '' })
  }
  return (
    <form class="panel records-form" onSubmit={ask}>
      <label>
        Show{' '}
        <select
          value={way}
          onChange={({ currentTarget }) =>
            withQuery({ way: currentTarget.value === 'newest' ? '' : currentTarget.value, from: '' })
          }
        >
          {(Object.keys(wayWords) as Way[]).map((one) => (
            <option key={one} value={one}>
              {wayWords[one]}
            </option>
          ))}
        </select>
      </label>
      {way === 'offset' && <Field name="offset" label="Offset" value={query.offset ?? '0'} kind="numeric" />}
      {way === 'time' && (
        <Field name="time" label="Since (UTC)" value={query.time ?? ''} placeholder="2026-01-31 18:00" kind="text" />
      )}
      <Field name="count" label="Count" value={query.count ?? String(usualCount)} kind="numeric" />
      <label>
        Partition{' '}
        <select name="partition" value={query.partition ?? ''}>
          <option value="">all</option>
          {Array.from({ length: partitionCount }, (_, partition) => (
            <option key={partition} value={String(partition)}>
              {partition}
            </option>
          ))}
        </select>
      </label>
      <label>
        Holding{' '}
        <input type="search" name="search" value={query.search ?? ''} placeholder="text in key, value or header" />
      </label>
      <label class="check">
        <input type="checkbox" name="isolation" value="read_uncommitted" checked={query.isolation !== undefined} /> of
        open transactions, too
      </label>
      <label class="check">
        <input type="checkbox" name="show" value="true" checked={query.show === 'true'} /> aborted, and markers
      </label>
      <button type="submit" class="primary">
        Look
      </button>
    </form>
  )
}

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly kind: 'numeric' | 'text'
  readonly placeholder?: string
}

function Field({ name, label, value, kind, placeholder }: FieldProps) {
  return (
    <label>
      {label}{' '}
      <input
        name={name}
        value={value}
        inputMode={kind}
        size={kind === 'numeric' ? 8 : 20}
        placeholder={placeholder}
        autocomplete="off"
      />
    </label>
  )
}
