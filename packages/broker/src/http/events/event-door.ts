import type { RebalanceStory } from '@rivven/groups'
import { nameToPath } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Api } from '../../api/api.js'
import type { FoundRoute } from '../../api/find-route.js'
import { Problem, type Reply } from '../../api/problem.js'
import type { Live } from '../../api/route.js'
import { bodyFault } from '../api-door.js'
import type { Health } from '../health.js'
import { type Entrance, type Guest, hostOf } from '../hook/entrance.js'
import type { PageContext } from '../page.js'
import { apiResponse, problemResponse } from '../problem-response.js'
import { EventStream } from './event-stream.js'
import { greeting } from './event-text.js'
import { Feed } from './feed.js'

export interface EventDoorOptions {
  readonly api: Api
  readonly entrance: Entrance
  readonly clock: Clock
  readonly health: Pick<Health, 'onEnding'>
  readonly log: Logger
}

/** A call that can be watched, and by whom. */
interface Watched {
  readonly found: FoundRoute
  readonly live: Live<unknown>
  readonly guest: Guest
}

export const eventsPath = '/api/events'
/** Newest rebalances that are told again at most. */
const mostStories = 20

/** `GET /api/events?view=…`: answers of the API as they change, as server-sent events. */
export class EventDoor {
  readonly #options: EventDoorOptions
  readonly #feeds = new Map<string, Feed>()
  /** Of this life of the broker. */
  readonly #boot: string

  constructor(options: EventDoorOptions) {
    this.#options = options
    this.#boot = options.clock.now().toString(36)
    options.health.onEnding(() => this.#close())
  }

  async answer(context: PageContext): Promise<Response> {
    const { api, entrance } = this.#options
    if (context.req.method !== 'GET') {
      const allow = 'GET'
      return problemResponse(new Problem('METHOD_NOT_ALLOWED', `This takes ${allow} alone.`, { allow }))
    }
    const fault = bodyFault(context)
    if (fault) return problemResponse(fault)
    const found = foundBy(api, new URL(context.req.url).searchParams)
    if (found instanceof Problem) return problemResponse(found)
    const { route, path } = found
    const guest = await entrance.admit(context, { api: `GET ${eventsPath}`, rights: route.rights, path })
    return guest instanceof Response ? guest : this.#open(context, { found, live: route.live!, guest })
  }

  async #open(context: PageContext, watched: Watched): Promise<Response> {
    const { clock } = this.#options
    const key = keyOf(watched)
    const first = this.#feeds.has(key) ? undefined : await this.#look(watched)
    if (first && first.status !== 200) return apiResponse(first, clock)
    const giveBack = watched.guest.broker.streamPlaces.take(hostOf(context))
    if (!giveBack)
      return problemResponse(new Problem('TOO_MANY_STREAMS', 'There are 64 streams, or 16 of this address.'))
    const feed = this.#feeds.get(key) ?? this.#newFeed(key, watched)
    const stream = new EventStream(clock, () => {
      giveBack()
      feed.remove(stream)
    })
    stream.send(Buffer.from(greeting))
    feed.add(stream, this.#lastSeen(context) ?? clock.now())
    return new Response(stream.readable, {
      headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
    })
  }

  #newFeed(key: string, watched: Watched): Feed {
    const feed = new Feed({
      clock: this.#options.clock,
      live: watched.live,
      boot: this.#boot,
      look: () => this.#look(watched),
      stories: (after) => this.#stories(watched, after),
      failed: (error) => this.#options.log.error({ error, view: watched.found.target }, 'a view failed by a bug'),
      ended: () => this.#feeds.delete(key),
    })
    this.#feeds.set(key, feed)
    return feed
  }

  #look({ found, guest }: Watched): Promise<Reply> {
    const { api } = this.#options
    const denied = guest.seesAll ? undefined : api.denial(found, guest.caller)
    if (denied) return Promise.resolve(denied.reply)
    const { broker: services, caller, seesAll } = guest
    return api.reply(found, { services, caller, seesAll, body: undefined, door: 'http' })
  }

  /** Of a group that is watched, the rebalances that ended later. */
  async #stories({ found, guest, live }: Watched, after: number): Promise<readonly RebalanceStory[]> {
    if (live.view !== 'group') return []
    const target = `/api/groups/${nameToPath(found.path.group ?? '')}/timeline?limit=${mostStories}`
    const timeline = this.#options.api.find('GET', target)
    if (timeline instanceof Problem) return []
    const { status, body } = await this.#look({ found: timeline, guest, live })
    if (status !== 200) return []
    return (body as { rebalances: readonly RebalanceStory[] }).rebalances.filter(({ endedAt }) => endedAt > after)
  }

  /** When what a browser that comes back has seen last was; undefined: it was not here, or in another life. */
  #lastSeen({ req }: PageContext): number | undefined {
    const [boot, seen] = (req.header('last-event-id') ?? '').split('-')
    return boot === this.#boot && /^\d{1,15}$/.test(seen ?? '') ? Number(seen) : undefined
  }

  #close(): void {
    for (const feed of [...this.#feeds.values()]) feed.close('the broker is shutting down')
  }
}

/** The call whose answer is watched: `view` names it, other parameters are those that it takes. */
function foundBy(api: Api, asked: URLSearchParams): FoundRoute | Problem {
  const view = asked.get('view')
  const route = api.routes.find(({ live }) => live?.view === view)
  const views = api.routes.flatMap(({ live }) => live?.view ?? [])
  if (!route || view === null)
    return new Problem('INVALID_PARAMETER', `view must be one of ${views.join(', ')}.`, { parameter: 'view' })
  const query = new URLSearchParams(asked)
  query.delete('view')
  const [, pattern = ''] = route.name.split(' ')
  const missing = [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => name).find((name) => !query.has(name))
  if (missing) return new Problem('INVALID_PARAMETER', `${missing} is missing.`, { parameter: missing })
  const path = pattern.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = query.get(name) ?? ''
    query.delete(name)
    return nameToPath(value)
  })
  return api.find('GET', query.size > 0 ? `${path}?${query}` : path)
}

/** Those who see the same share a feed. */
function keyOf({ found, guest: { broker, caller, seesAll } }: Watched): string {
  const { principal, host } = caller.access
  const isOpen = seesAll || broker.security.acls === null
  return JSON.stringify([found.target, isOpen ? null : [principal, host]])
}
