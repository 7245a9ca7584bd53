import { Broker, brokerConfig, memoryStorage, silentLog } from '@rivven/broker'
import { Admin, type UserChange } from '@rivven/client'
import { nodeRuntime } from '@rivven/runtime'
import { passwordOf } from '../support/passwords.js'
import { type Ran, type RunOptions, rivvenctl } from './rivvenctl.js'

const residents = ['admin', 'alice', 'bob']
const runtime = nodeRuntime()

/**
 * A broker that wants SASL and has an authorizer, with the super user `admin`, and with `alice` and `bob`, who may do nothing
 * yet. `run` is rivvenctl as one of them.
 */
export async function guardedScene(config: Record<string, unknown> = {}) {
  const storage = memoryStorage(runtime)
  const start = (values: Record<string, unknown>) => {
    const common = { memory: true, http: 'off', group_initial_rebalance_delay_ms: 0 }
    return Broker.start({
      config: brokerConfig([{ from: 'test', values: { ...common, ...values } }]),
      runtime,
      storage,
      log: silentLog(),
    })
  }
  const open = await start({ listen: '127.0.0.1:0', authorizer_class_name: 'none' })
  await makeUsers(addressOf(open))
  await open.close()
  const broker = await start({ listeners: 'SASL_PLAINTEXT://127.0.0.1:0', super_users: 'User:admin', ...config })
  const bootstrapServers = addressOf(broker)
  const as = (user: string, line: string | readonly string[], options: RunOptions = {}): Promise<Ran> => {
    const words = typeof line === 'string' ? line.split(' ') : line
    return rivvenctl(['-b', bootstrapServers, ...words], { ...options, env: { ...loginOf(user), ...options.env } })
  }
  return {
    bootstrapServers,
    as,
    /** As admin; what is not done fails the test. */
    async data(line: string | readonly string[], options: RunOptions = {}): Promise<string> {
      const ran = await as('admin', line, options)
      if (ran.status !== 0) throw new Error(`${line} ended with ${ran.status}: ${ran.words}`)
      return ran.out
    },
    [Symbol.asyncDispose]: () => broker.close(),
  }
}

/** What a user's environment says. */
export function loginOf(user: string, password = passwordOf(user)): Record<string, string> {
  return {
    RIVVEN_SECURITY_PROTOCOL: 'sasl_plaintext',
    RIVVEN_SASL_MECHANISM: 'scram-sha-256',
    RIVVEN_SASL_USERNAME: user,
    RIVVEN_SASL_PASSWORD: password,
  }
}

async function makeUsers(bootstrapServers: string): Promise<void> {
  const admin = new Admin({ bootstrapServers })
  const changes = residents.map((user): UserChange => {
    return { user, mechanism: 'scram-sha-256', password: passwordOf(user), iterations: 4096 }
  })
  await admin.alterUsers(changes)
  await admin.close()
}

function addressOf({ listeners }: Broker): string {
  const [listener] = listeners
  if (!listener) throw new Error('the broker listens nowhere')
  return `${listener.address.host}:${listener.address.port}`
}
