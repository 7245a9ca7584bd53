import type { HttpBindings } from '@hono/node-server'
import type { Disk } from '@rivven/runtime'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import { rivvenApi } from '../api/all-routes.js'
import type { Api } from '../api/api.js'
import { Problem } from '../api/problem.js'
import { allPages } from './all-pages.js'
import { ApiDoor, bodyFault } from './api-door.js'
import { EventDoor, eventsPath } from './events/event-door.js'
import type { Health } from './health.js'
import { withAnswerHeaders } from './hook/answer-headers.js'
import { hasBody } from './hook/changes.js'
import { Entrance, type EntranceOptions } from './hook/entrance.js'
import { isOwnName } from './host-name.js'
import type { Page, PageContext } from './page.js'
import { problemResponse } from './problem-response.js'

export interface HttpAppOptions extends EntranceOptions {
  readonly health: Health
  readonly log: Logger
  /** Where files of the dashboard are read. */
  readonly disk: Pick<Disk, 'readFile' | 'sizeOf'>
  /** Default: everything that a broker shows. */
  readonly pages?: readonly Page[]
  readonly api?: Api
}

type App = Hono<{ Bindings: HttpBindings }>

/** All that is answered over HTTP: each page, and the API, behind the same hook. */
export function httpApp(options: HttpAppOptions): App {
  const { pages = allPages(options.disk), api = rivvenApi, listener, clock, log } = options
  const app: App = new Hono()
  app.use(async (context, next) => {
    await next()
    withAnswerHeaders(context.res)
    // What is left of it is not read.
    if (hasBody(context)) context.res.headers.set('connection', 'close')
  })
  app.use(async (context, next) => {
    if (isOwnName(context.req.header('host'), listener, context.req.path)) return next()
    return problemResponse(new Problem('WRONG_HOST', 'This address answers only to the names that it has.'))
  })
  const entrance = new Entrance(options)
  for (const page of pages) addPage(app, page, { ...options, entrance })
  const events = new EventDoor({ api, entrance, clock, log, health: options.health })
  app.all(eventsPath, (context) => events.answer(context))
  const door = new ApiDoor({ api, entrance, listener, clock })
  app.all('/api/*', (context) => door.answer(context))
  app.notFound(({ req }) => problemResponse(new Problem('NOT_FOUND', `There is nothing at ${req.path}.`)))
  app.onError((error, { req }) => {
    log.error({ error, path: req.path }, 'an HTTP request failed by a bug')
    return problemResponse(new Problem('INTERNAL_ERROR', 'This failed by a bug of the broker; its log says more.'))
  })
  return app
}

function addPage(app: App, page: Page, { entrance, health }: HttpAppOptions & { entrance: Entrance }): void {
  const { path } = page
  app.get(path, async (context: PageContext) => {
    const fault = bodyFault(context)
    if (fault) return problemResponse(fault)
    if (page.kind === 'open') return page.answer(context, health)
    const guest = await entrance.admit(context, { api: `GET ${path}`, rights: page.rights })
    return guest instanceof Response ? guest : page.answer(context, guest.broker)
  })
  const allow = 'GET, HEAD'
  app.all(path, () => problemResponse(new Problem('METHOD_NOT_ALLOWED', `This takes ${allow} alone.`, { allow })))
}
