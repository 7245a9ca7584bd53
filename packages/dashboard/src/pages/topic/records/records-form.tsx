import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { withQuery } from '../../../route/location.js'
import type { PageProps } from '../../pages.js'
import { usualCount, type Way, wayOf } from './records-query.js'

/** As it stands in the address, and what is typed beyond it. */
type Draft = PageProps['query']

interface FormProps {
  readonly query: PageProps['query']
  readonly partitionCount: number
}

const wayWords: Readonly<Record<Way, string>> = { newest: 'the newest', offset: 'from an offset', time: 'from a time' }

/** What is typed and not asked for yet stays while the page moves on around it; another address begins anew. */
function useDraft(query: Draft): { readonly value: Draft; change(part: Draft): void } {
  const draft = useSignal(query)
  const address = JSON.stringify(query)
  useEffect(() => {
    draft.value = query
  }, [address])
  return {
    value: draft.value,
    change: (part) => {
      draft.value = { ...draft.value, ...part }
    },
  }
}

/** Which records: it stands in the address as soon as it is asked for. */
export function RecordsForm({ query, partitionCount }: FormProps) {
  const { value: draft, change } = useDraft(query)
  const ask = (part: Draft = {}): void => withQuery({ ...draft, ...part, from: '' })
  const way = wayOf(query)
  return (
    <form
      class="panel records-form"
      onSubmit={(event) => {
        event.preventDefault()
        ask()
      }}
    >
      <label>
        Show{' '}
        <select value={way} onChange={({ currentTarget: { value } }) => ask({ way: value === 'newest' ? '' : value })}>
          {(Object.keys(wayWords) as Way[]).map((one) => (
            <option key={one} value={one}>
              {wayWords[one]}
            </option>
          ))}
        </select>
      </label>
      <WayField way={way} draft={draft} change={change} />
      <Field
        label="Count"
        value={draft.count ?? String(usualCount)}
        kind="numeric"
        changed={(count) => change({ count })}
      />
      <PartitionChoice draft={draft} change={change} partitionCount={partitionCount} />
      <label>
        Holding{' '}
        <input
          type="search"
          value={draft.search ?? ''}
          placeholder="text in key, value or header"
          onInput={({ currentTarget }) => change({ search: currentTarget.value })}
        />
      </label>
      <Transactions draft={draft} change={change} />
      <button type="submit" class="primary">
        Look
      </button>
    </form>
  )
}

interface DraftProps {
  readonly draft: Draft
  change(part: Draft): void
}

function WayField({ way, draft, change }: DraftProps & { way: Way }) {
  if (way === 'newest') return null
  if (way === 'offset')
    return <Field label="Offset" value={draft.offset ?? '0'} kind="numeric" changed={(offset) => change({ offset })} />
  return (
    <Field
      label="Since (UTC)"
      value={draft.time ?? ''}
      placeholder="2026-01-31 18:00"
      kind="text"
      changed={(time) => change({ time })}
    />
  )
}

function PartitionChoice({ draft, change, partitionCount }: DraftProps & { partitionCount: number }) {
  return (
    <label>
      Partition{' '}
      <select
        value={draft.partition ?? ''}
        onChange={({ currentTarget }) => change({ partition: currentTarget.value })}
      >
        <option value="">all</option>
        {Array.from({ length: partitionCount }, (_, partition) => (
          <option key={partition} value={String(partition)}>
            {partition}
          </option>
        ))}
      </select>
    </label>
  )
}

function Transactions({ draft, change }: DraftProps) {
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={draft.isolation === 'read_uncommitted'}
          onChange={({ currentTarget: { checked } }) => change({ isolation: checked ? 'read_uncommitted' : '' })}
        />{' '}
        of open transactions, too
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={draft.show === 'true'}
          onChange={({ currentTarget: { checked } }) => change({ show: checked ? 'true' : '' })}
        />{' '}
        aborted, and markers
      </label>
    </>
  )
}

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly kind: 'numeric' | 'text'
  readonly placeholder?: string
  changed(value: string): void
}

function Field({ label, value, kind, placeholder, changed }: FieldProps) {
  return (
    <label>
      {label}{' '}
      <input
        value={value}
        inputMode={kind}
        size={kind === 'numeric' ? 8 : 20}
        placeholder={placeholder}
        autocomplete="off"
        onInput={({ currentTarget }) => changed(currentTarget.value)}
      />
    </label>
  )
}
