import { PostgresPair } from '../../support/postgres/pair.js'
import { PostgresServer } from '../../support/postgres/server.js'
import { type World, worldOf } from './world.js'

/** What is said of PostgreSQL's settings in docs/cluster.md, for a server of minutes. */
const settings = { max_wal_size: '4GB', checkpoint_timeout: '15min' }

/** Brokers that share a server with a synchronous standby. A sentence: why there is no PostgreSQL here. */
export async function worldOnPair(brokers: number): Promise<World | string> {
  const pair = await PostgresPair.start(settings)
  if (typeof pair === 'string') return pair
  const database = {
    crash: (meanwhile?: () => Promise<unknown>) => pair.crash(meanwhile),
    failOver: () => pair.failOver(),
    get url() {
      return pair.primaryUrl
    },
  }
  return worldOf({ brokers, args: ['--storage', pair.url], database, remove: () => pair.remove() })
}

/** Brokers that share one server. A sentence: why there is no PostgreSQL here. */
export async function worldOnServer(brokers: number): Promise<World | string> {
  const server = await PostgresServer.start(settings)
  if (typeof server === 'string') return server
  const crash = (meanwhile?: () => Promise<unknown>) => server.crash(meanwhile)
  const database = { crash, failOver: null, url: server.url }
  return worldOf({ brokers, args: ['--storage', server.url], database, remove: () => server.remove() })
}
