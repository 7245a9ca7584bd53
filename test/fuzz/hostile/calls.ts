import type { fakeRuntime } from '@rivven/fakes'
import { TOPIC } from './honest-answers.js'

type Clients = typeof import('../../../packages/client/dist/src/index.js')
type Runtime = ReturnType<typeof fakeRuntime>

/** What an application asks of our client; each call is one that it waits for. */
export interface Application {
  readonly calls: readonly (() => Promise<unknown>)[]
  readonly close: () => Promise<unknown>
}

/** The longest that any call may take in all, in virtual milliseconds: its timeouts, those of a try, and pauses between. */
export const LONGEST_CALL_MS = 60_000

const timeouts = { requestTimeoutMs: 2000, connectTimeoutMs: 1000, unreachableTimeoutMs: 3000 }

export type ApplicationName = keyof typeof applications

/** Consumers have the most to do. */
export const applicationNames: readonly ApplicationName[] = [
  'admin',
  'producer',
  'transactions',
  'consumer',
  'consumer',
]

export function applicationOf(name: ApplicationName, clients: Clients, runtime: Runtime): Application {
  const base = { bootstrapServers: 'broker-0:9000', runtime, maxResponseBytes: 1024 * 1024, ...timeouts }
  return applications[name](clients, base)
}

type Options = ConstructorParameters<Clients['Admin']>[0]

function admin({ Admin }: Clients, options: Options): Application {
  const client = new Admin({ ...options, timeoutMs: 5000 })
  return {
    calls: [
      () => client.listTopics(),
      () => client.describeTopics([TOPIC]),
      () => client.describeGroups(['g']),
      () => client.listGroups(),
      () => client.listGroupOffsets('g'),
      () => client.describeConfigs([{ type: 'topic', name: TOPIC }]),
      () => client.listTransactions(),
      () => client.createTopics([{ name: 'new', partitions: 1 }]),
      () => client.deleteTopics(['old']),
    ],
    close: () => client.close(),
  }
}

const record = { topic: TOPIC, key: 'k', value: 'v' }

function producer({ Producer }: Clients, options: Options): Application {
  const client = new Producer({ ...options, deliveryTimeoutMs: 5000, maxBlockMs: 3000, lingerMs: 0 })
  return {
    calls: [() => client.send(record), () => client.sendMany([record, record]), () => client.flush()],
    close: () => client.close(),
  }
}

function transactions({ Producer }: Clients, options: Options): Application {
  const client = new Producer({ ...options, deliveryTimeoutMs: 5000, maxBlockMs: 3000, transactionalId: 'tx' })
  const run = async (isCommitted: boolean) => {
    const transaction = await client.beginTransaction()
    await transaction.send(record)
    await (isCommitted ? transaction.commit() : transaction.abort())
  }
  return { calls: [() => run(true), () => run(false)], close: () => client.close() }
}

function consumer({ Consumer }: Clients, options: Options): Application {
  const client = new Consumer({ ...options, groupId: 'g', autoOffsetReset: 'earliest', apiTimeoutMs: 5000 })
  const poll = () => client.poll(4000)
  return {
    calls: [async () => client.subscribe([TOPIC]), poll, poll, () => client.commit(), poll],
    close: () => client.close({ timeoutMs: 3000 }),
  }
}

const applications = { admin, producer, transactions, consumer }
