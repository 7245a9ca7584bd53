import { boolean } from '../../config/setting.js'
import { needed } from '../parameters.js'
import { Problem } from '../problem.js'
import { route } from '../route.js'
import { flag, number, shape } from '../shape.js'

export const drainBroker = route(
  {
    name: 'POST /api/cluster/brokers/:broker/draining',
    about: 'The broker hands over what it leads and gets nothing any more, or may lead again. Any broker takes it.',
    rights: { needs: 'ALTER CLUSTER' },
    body: { draining: needed(boolean(false, 'Shall it?')) },
    answer: shape('Draining', { id: number('The broker.'), draining: flag('Does it?') }),
    change: {
      operation: 'ALTER',
      type: 'BROKER',
      of: 'broker',
      detail: (body) => `draining: ${Object(body).draining}`,
    },
  },
  async ({ services, path, body: { draining } }) => {
    const { cluster, log } = services
    const id = Number(path.broker)
    const { brokers } = cluster.image
    if (!brokers.has(id)) return new Problem('BROKER_NOT_FOUND', `There is no broker ${path.broker} here.`)
    const mayTake = [...brokers.values()].some((node) => node.id !== id && !node.isDraining)
    if (draining && !mayTake) return new Problem('NOBODY_TO_TAKE', `Nobody is here to take what broker ${id} leads.`)
    try {
      await cluster.drain(id, draining)
    } catch (error) {
      log.warn({ error, broker: id }, 'a broker could not be marked as draining')
      return new Problem('STORAGE_ERROR', 'The database that brokers share does not answer: try again.')
    }
    return { id, draining }
  },
)
