import { useEffect, useRef } from 'preact/hooks'
import { withQuery } from '../route/location.js'
import { after, type Timer } from '../world/clock.js'

/** Words that a list is searched for by the broker: they stand in the address. Not with each letter, since it looks through all. */
export function SearchBox({ label, words }: { label: string; words: string }) {
  const typing = useRef<Timer | undefined>(undefined)
  useEffect(() => () => typing.current?.cancel(), [])
  const search = (typed: string): void => {
    typing.current?.cancel()
    typing.current = after(200, () => withQuery({ search: typed, cursor: '' }))
  }
  return (
    <input
      type="search"
      placeholder="search  /"
      aria-label={label}
      value={words}
      onInput={({ currentTarget }) => search(currentTarget.value)}
    />
  )
}
