import { type ReadonlySignal, signal } from '@preact/signals'
import type { RebalanceStory } from '@rivven/groups'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { loginHeaders, token, urlOf } from '../api/call.js'
import { came, failed, isTriedAgain, type Loaded, nothingYet } from '../loaded/loaded.js'
import { type Query, searchOf } from '../route/route.js'
import { wallNow } from '../world/clock.js'
import type { ServerEvent } from './event-reader.js'
import { EventsStream } from './stream.js'
import { type Change, changed, type View } from './views.js'

/** What a stream tells beside the view itself. */
export interface LiveEvents {
  rebalance?(story: RebalanceStory): void
  reset?(stage: { readonly stage: string }): void
}

/** How the stream of this page does: the dot in the top bar. */
export const liveness = signal<'off' | 'opening' | 'live' | 'broken'>('off')

/**
 * Watches an answer of the API for as long as the component is there, with the parameters of its call. Other parameters begin anew;
 * what was shown stays until they are answered. Closed while the tab is hidden: a browser has six connections to a host.
 */
export function useLive<Answer>(
  view: View<Answer>,
  query: Query,
  events: LiveEvents = {},
): ReadonlySignal<Loaded<Answer>> {
  const loaded = useMemo(() => signal<Loaded<Answer>>(nothingYet), [view])
  const heard = useRef(events)
  heard.current = events
  const path = `api/events${searchOf({ view: view.name, ...query })}`
  const bearer = token.value
  useEffect(() => watch(path, view, { loaded, heard }), [path, view, bearer])
  return loaded
}

interface Watching<Answer> {
  readonly loaded: { value: Loaded<Answer> }
  readonly heard: { readonly current: LiveEvents }
}

/** What it answers ends it. */
function watch<Answer>(path: string, view: View<Answer>, { loaded, heard }: Watching<Answer>): () => void {
  const stream = new EventsStream({
    open: (headers, signal) => fetch(urlOf(path), { headers: { ...loginHeaders(), ...headers }, signal }),
    isTriedAgain,
    event: (event) => {
      liveness.value = 'live'
      take(event, view, { loaded, heard })
    },
    failed: (problem, nextTryAt) => {
      liveness.value = 'broken'
      loaded.value = failed(loaded.value, problem, { at: wallNow(), nextTryAt })
    },
  })
  const follow = (): void => {
    if (document.hidden) stream.close()
    else stream.open()
    if (!document.hidden && liveness.peek() === 'off') liveness.value = 'opening'
  }
  follow()
  document.addEventListener('visibilitychange', follow)
  return () => {
    document.removeEventListener('visibilitychange', follow)
    stream.close()
    liveness.value = 'off'
  }
}

function take<Answer>({ event, data }: ServerEvent, view: View<Answer>, { loaded, heard }: Watching<Answer>): void {
  const told: unknown = JSON.parse(data)
  const { value } = loaded.value
  if (event === 'snapshot') loaded.value = came(told as Answer, wallNow())
  else if (event === 'change' && value) loaded.value = came(changed(view, value, told as Change), wallNow())
  else if (event === 'rebalance') heard.current.rebalance?.(told as RebalanceStory)
  else if (event === 'reset') heard.current.reset?.(told as { stage: string })
}
