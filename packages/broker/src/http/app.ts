import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import { isLoopback } from '../config/address.js'
import { allPages } from './all-pages.js'
import type { Health } from './health.js'
import { withAnswerHeaders } from './hook/answer-headers.js'
import { hasBody } from './hook/changes.js'
import { Entrance, type EntranceOptions } from './hook/entrance.js'
import { type PageRights, pageRightsOf, refuseOddRights } from './hook/page-rights.js'
import { isOwnName } from './host-name.js'
import type { Page, PageContext, PageName } from './page.js'

export interface HttpAppOptions extends EntranceOptions {
  readonly health: Health
  readonly log: Logger
  /** Default: everything that a broker shows, and the table of who may see it. */
  readonly pages?: readonly Page[]
  readonly rightsOf?: (name: PageName) => PageRights | undefined
}

type App = Hono<{ Bindings: HttpBindings }>

/** All that is answered over HTTP: each page behind the same hook. Throws where a page has no row in the table of rights. */
export function httpApp(options: HttpAppOptions): App {
  const { pages = allPages(), log } = options
  const app: App = new Hono()
  app.use(async (context, next) => {
    await next()
    withAnswerHeaders(context.res)
    // What is left of it is not read.
    if (hasBody(context)) context.res.headers.set('connection', 'close')
  })
  // What listens on loopback must not be read by web pages of others.
  if (isLoopback(options.listener.address.host)) {
    app.use(async (context, next) => {
      if (isOwnName(context.req.header('host'))) return next()
      return context.json({ error: 'This address answers only to the names of this machine.' }, 403)
    })
  }
  const entrance = new Entrance(options)
  for (const page of pages) addPage(app, page, { ...options, entrance })
  refuseOtherMethods(app, pages)
  app.notFound((context) => context.json({ error: `There is nothing at ${context.req.path}.` }, 404))
  app.onError((error, context) => {
    log.error({ error, path: context.req.path }, 'an HTTP request failed by a bug')
    return context.json({ error: 'This failed by a bug of the broker; its log says more.' }, 500)
  })
  return app
}

function addPage(app: App, page: Page, options: HttpAppOptions & { entrance: Entrance }): void {
  const { entrance, health, rightsOf = pageRightsOf } = options
  const { method, path } = partsOf(page.name)
  const rights = rightsOf(page.name)
  if (!rights) throw new Error(`${page.name} has no row in http/hook/page-rights`)
  refuseOddRights(page.name, rights, page.kind)
  app.on(method, path, (context: PageContext) => {
    if (method === 'GET' && hasBody(context)) {
      return context.json({ error: 'Who asks for a page sends no body.' }, 413)
    }
    return page.kind === 'open' ? page.answer(context, health) : entrance.visit(page, rights, context)
  })
}

function refuseOtherMethods(app: App, pages: readonly Page[]): void {
  for (const path of new Set(pages.map(({ name }) => partsOf(name).path))) {
    const methods = pages.map(({ name }) => partsOf(name)).filter((page) => page.path === path)
    const allow = methods.map(({ method }) => (method === 'GET' ? 'GET, HEAD' : method)).join(', ')
    app.all(path, (context) => context.json({ error: `This takes ${allow} alone.` }, 405, { allow }))
  }
}

function partsOf(name: PageName): { method: string; path: string } {
  const [method = '', path = ''] = name.split(' ')
  return { method, path }
}
