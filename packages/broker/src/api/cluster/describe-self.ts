import { VERSION } from '@rivven/runtime'
import { route } from '../route.js'
import { flag, list, number, shape, text } from '../shape.js'

export const meta = shape('Meta', {
  version: text('Of Rivven.'),
  clusterId: text('The same on every broker.'),
  broker: number('Node id of the broker that answers.'),
  ready: flag('Does it serve clients?'),
  actions: flag('Does HTTP take what changes something?'),
  records: flag('Are contents of records shown?'),
  principal: text('Who asks.'),
  views: list(text('What can be watched by `/api/events`.')),
})

export const describeSelf = route(
  {
    name: 'GET /api/meta',
    about: 'Whom one is talking to, as whom, and what is to be had.',
    rights: { anonymous: 'all' },
    answer: meta,
  },
  ({ services, caller, api }) => {
    const { config, cluster, catalog } = services
    return {
      version: VERSION,
      clusterId: catalog.clusterId,
      broker: cluster.brokerId,
      ready: cluster.isServing,
      actions: services.httpActions !== 'off',
      records: config.http_records === 'on',
      principal: caller.access.principal,
      views: api.routes.flatMap(({ live }) => (live ? [live.view] : [])),
    }
  },
)
