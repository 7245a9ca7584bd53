import type { Clock } from '@rivven/runtime'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import type { HttpShown } from '../config/http-listener.js'
import type { BrokerServices } from '../handlers/handler.js'
import { describeGroup, listGroups } from './group-pages.js'
import type { Health } from './health.js'
import { isOwnName } from './host-name.js'
import { MetricsPage, metricsType } from './metrics-page.js'

export interface HttpAppOptions {
  readonly health: Health
  readonly clock: Clock
  readonly log: Logger
  /** Only names of this machine may be asked for: what listens on loopback must not be read by web pages of others. */
  readonly isLoopback: boolean
  readonly shown: HttpShown
  /** Undefined until the broker has opened its storage. */
  services(): BrokerServices | undefined
}

/** All that is answered over HTTP. Nothing here changes anything. */
export function httpApp(options: HttpAppOptions): Hono {
  const { health, log } = options
  const app = new Hono()
  app.use(async (context, next) => {
    if (options.isLoopback && !isOwnName(context.req.header('host'))) {
      return context.json({ error: 'This address answers only to the names of this machine.' }, 403)
    }
    return next()
  })
  app.get('/health/live', (context) => context.json({ live: true }))
  app.get('/health/ready', (context) => context.json(health.readiness, health.readiness.ready ? 200 : 503))
  app.use(async (context, next) => {
    if (isShown(context.req.path, options.shown)) return next()
    return context.json(
      { error: `HTTP shows only ${options.shown} here: docs/monitoring.md says how to see more.` },
      403,
    )
  })
  addMetrics(app, options)
  addGroups(app, options)
  app.notFound((context) => context.json({ error: `There is nothing at ${context.req.path}.` }, 404))
  app.onError((error, context) => {
    log.error({ error, path: context.req.path }, 'an HTTP request failed by a bug')
    return context.json({ error: 'This failed by a bug of the broker; its log says more.' }, 500)
  })
  return app
}

function isShown(path: string, shown: HttpShown): boolean {
  return shown === 'everything' || (shown === 'health and metrics' && path === '/metrics')
}

const notYet = { error: 'The broker is not ready yet: /health/ready says what is missing.' }

function addMetrics(app: Hono, { services, clock }: HttpAppOptions): void {
  let page: MetricsPage | undefined
  app.get('/metrics', (context) => {
    const broker = services()
    if (!broker) return context.json(notYet, 503)
    page ??= new MetricsPage(broker, clock)
    return context.body(page.stream(), 200, { 'content-type': metricsType })
  })
}

function addGroups(app: Hono, { services, clock }: HttpAppOptions): void {
  app.get('/api/groups', async (context) => {
    const broker = services()
    if (!broker) return context.json(notYet, 503)
    return context.json({ groups: await listGroups(broker, clock) })
  })
  app.get('/api/groups/:group', async (context) => {
    const broker = services()
    if (!broker) return context.json(notYet, 503)
    const groupId = context.req.param('group')
    const page = await describeGroup(broker, groupId)
    if (page.kind === 'unavailable') return context.json(notYet, 503)
    if (page.kind === 'unknown') return context.json({ error: `There is no group ${groupId}.` }, 404)
    return context.json(page.group)
  })
  app.get('/api/groups/:group/timeline', (context) => {
    const broker = services()
    if (!broker) return context.json(notYet, 503)
    return context.json({ rebalances: broker.flightRecorder.storiesOf(context.req.param('group')) })
  })
}
