import { useEffect, useRef } from 'preact/hooks'
import { withQuery } from '../../route/location.js'
import { after, type Timer } from '../../world/clock.js'
import type { PageProps } from '../pages.js'

const states = ['Stable', 'PreparingRebalance', 'CompletingRebalance', 'Empty']
const statuses = ['OK', 'WARN', 'STALL', 'STOP', 'REWIND']

/** What of the groups is shown. It stands in the address, so that it can be sent to somebody. */
export function Filters({ query }: Pick<PageProps, 'query'>) {
  const typing = useRef<Timer | undefined>(undefined)
  useEffect(() => () => typing.current?.cancel(), [])
  // Not with each letter: the broker looks through all groups.
  const search = (words: string): void => {
    typing.current?.cancel()
    typing.current = after(200, () => withQuery({ search: words, cursor: '' }))
  }
  return (
    <search class="filters">
      <input
        type="search"
        placeholder="search  /"
        aria-label="Search in names of groups"
        value={query.search ?? ''}
        onInput={({ currentTarget }) => search(currentTarget.value)}
      />
      <Choice name="state" label="State" words={states} chosen={query.state ?? ''} />
      <Choice name="status" label="Status" words={statuses} chosen={query.status ?? ''} />
    </search>
  )
}

interface ChoiceProps {
  readonly name: string
  readonly label: string
  readonly words: readonly string[]
  readonly chosen: string
}

function Choice({ name, label, words, chosen }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={chosen}
      onChange={({ currentTarget }) => withQuery({ [name]: currentTarget.value, cursor: '' })}
    >
      <option value="">{label}: all</option>
      {words.map((word) => (
        <option key={word} value={word}>
          {word}
        </option>
      ))}
    </select>
  )
}
