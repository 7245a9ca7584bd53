import { statuses } from '@rivven/groups'
import { SearchBox } from '../../parts/search-box.js'
import { withQuery } from '../../route/location.js'
import type { PageProps } from '../pages.js'

const states = ['Stable', 'PreparingRebalance', 'CompletingRebalance', 'Empty']

/** What of the groups is shown. It stands in the address, so that it can be sent to somebody. */
export function Filters({ query }: Pick<PageProps, 'query'>) {
  return (
    <search class="filters">
      <SearchBox label="Search in names of groups" words={query.search ?? ''} />
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
