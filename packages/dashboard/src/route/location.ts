import { signal } from '@preact/signals'
import { hrefOf, type Query, type Route, routeOf } from './route.js'

/** Where the page is. Only `goTo`, `withQuery` and the browser move it. */
export const location = signal<Route>(routeOf(window.location.hash))

/** Follows the address; what it answers ends that. */
export function followAddress(): () => void {
  const read = (): void => {
    location.value = routeOf(window.location.hash)
  }
  window.addEventListener('hashchange', read)
  return () => window.removeEventListener('hashchange', read)
}

export function goTo(path: readonly string[], query?: Query): void {
  window.location.hash = hrefOf(path, query)
}

/** The same page in another state. It takes the place of the one before: going back leaves the page. */
export function withQuery(change: Query): void {
  const { path, query } = location.peek()
  const address = hrefOf(path, { ...query, ...change })
  window.history.replaceState(null, '', address)
  location.value = routeOf(address)
}
