import { type Call, type Reply, refused, type Visitor } from './call.js'

/** `POST /api/cluster/brokers/:id/draining` with `{ draining: true }`: the broker hands over what it leads. Any broker takes it. */
export const drainBroker: Call = {
  name: 'POST /api/cluster/brokers/:id/draining',
  needs: 'ALTER',
  answer,
}

async function answer(visitor: Visitor): Promise<Reply> {
  const { services, caller, parameters, body } = visitor
  const { cluster } = services
  const id = Number(parameters.id)
  const { draining } = Object(body) as { draining?: unknown }
  if (typeof draining !== 'boolean') return refused(400, 'The body must be {"draining":true} or {"draining":false}.')
  const { brokers } = cluster.image
  if (!brokers.has(id)) return refused(404, `There is no broker ${parameters.id} here.`, 'BROKER_NOT_AVAILABLE')
  const mayTake = [...brokers.values()].some((node) => node.id !== id && !node.isDraining)
  if (draining && !mayTake) return refused(409, `Nobody is here to take what broker ${id} leads.`)
  const change = { operation: 'ALTER', type: 'BROKER', name: String(id), detail: `draining: ${draining}` } as const
  try {
    await cluster.drain(id, draining)
    services.audit.changed(caller, { ...change, error: 'NONE' })
  } catch (error) {
    services.log.warn({ error, broker: id }, 'a broker could not be marked as draining')
    return refused(503, 'The database that brokers share does not answer: try again.')
  }
  return { status: 200, body: { id, draining } }
}
