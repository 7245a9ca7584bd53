import { Admin, Cluster } from '@rivven/client'
import { createAcls, setPassword } from '../actors/security-requests.js'
import { bootstrapServersOf } from '../plan/brokers.js'
import type { Plan } from '../plan/plan.js'
import { rightsOf, usersOf } from '../plan/rights.js'
import type { World } from '../world/world.js'

/** Makes what must be there before anybody comes: topics, users and their rights. */
export async function found(plan: Plan, world: World): Promise<void> {
  const { life, runtime } = world.begin('founder')
  const bootstrapServers = bootstrapServersOf(plan)
  const admin = new Admin({ bootstrapServers, runtime })
  await admin.createTopics([...plan.topics])
  await admin.close()
  if (plan.security !== undefined) {
    const cluster = new Cluster({ bootstrapServers, runtime })
    for (const user of usersOf(plan)) await setPassword(cluster, plan.security, { user, number: 0 })
    await createAcls(cluster, 'ALLOW', rightsOf(plan))
    await cluster.close()
  }
  life.die()
}
