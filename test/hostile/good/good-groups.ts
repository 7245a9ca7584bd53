import { type ClusterOptions, Consumer } from '@rivven/client'
import { pem } from '../../support/certificates.js'
import { type Place, type Ports, passwords } from '../places.js'
import { GoodGroup } from './good-group.js'
import { Ledger } from './ledger.js'

export interface GoodJob {
  ports: Ports
  sessionTimeoutMs: number
  recordsPerSecond: number
  /** How long whatever was sent last may take to come. */
  patienceMs: number
}

/** What became of the good groups. */
export interface GoodResult {
  members: number
  acknowledged: number
  commits: number
  copies: number
  lost: number
  twice: number
  outOfOrder: number
  rebalances: number
  thrownOut: number
  lateHeartbeats: number
  /** The longest time that an answer to a heartbeat was old. */
  oldestHeartbeatMs: number
  failures: string[]
}

/** Three groups, each another kind, that come by another listener. */
export function goodGroups({ ports, sessionTimeoutMs, recordsPerSecond, patienceMs }: GoodJob) {
  const common = { sessionTimeoutMs, recordsPerSecond }
  const at = (place: Place) => `127.0.0.1:${ports[place]}`
  const ca = { ca: pem('ca.pem') }
  const certified = { bootstrapServers: at('ssl'), ssl: { ...ca, cert: pem('client.pem'), key: pem('client.key') } }
  const eager = as('scram-sha-256', 'eager', { bootstrapServers: at('saslSsl'), ssl: ca })
  const cooperative = as('plain', 'cooperative', { bootstrapServers: at('sasl') })
  const groups = [
    new GoodGroup({ ...common, name: 'eager', cluster: eager, members: 3, protocol: 'eager' }),
    new GoodGroup({ ...common, name: 'cooperative', cluster: cooperative, members: 2, protocol: 'cooperative' }),
    new GoodGroup({
      ...common,
      name: 'static',
      cluster: certified,
      members: 2,
      protocol: 'eager',
      isStatic: true,
      copiesTo: 'good-copies',
    }),
  ]
  const copies = new CopyReader(certified)
  return {
    async start(): Promise<void> {
      await Promise.all([...groups.map((group) => group.start()), copies.start()])
    },
    async finish(): Promise<GoodResult> {
      await Promise.all(groups.map((group) => group.finish(patienceMs)))
      await copies.finish(groups[2]!.ledger, patienceMs)
      return resultOf(groups, copies.ledger)
    },
  }
}

function as(
  mechanism: 'plain' | 'scram-sha-256',
  user: 'eager' | 'cooperative',
  where: ClusterOptions,
): ClusterOptions {
  return { ...where, sasl: { mechanism, username: user, password: passwords[user] } }
}

/** Reads along what the transactions of the static group have copied. */
class CopyReader {
  readonly ledger = new Ledger()
  readonly #consumer: Consumer
  #isOver = false
  #done: Promise<void> = Promise.resolve()

  constructor(cluster: ClusterOptions) {
    this.#consumer = new Consumer({ ...cluster, isolationLevel: 'read_committed', autoOffsetReset: 'earliest' })
  }

  async start(): Promise<void> {
    await this.#consumer.assign([0, 1, 2].map((partition) => ({ topic: 'good-copies', partition })))
    this.#done = this.#run()
  }

  /** Waits until all of the originals have come. */
  async finish(originals: Ledger, withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs
    while (this.ledger.seen < originals.seen && performance.now() < deadline)
      await new Promise((next) => setTimeout(next, 50))
    this.ledger.acknowledged = originals.seen
    this.#isOver = true
    await this.#done
    await this.#consumer.close()
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      for (const { value } of await this.#consumer.poll(200)) {
        const [partition, sequence] = String(value).split(':')
        this.ledger.read(Number(partition), Number(sequence))
      }
    }
  }
}

function resultOf(groups: readonly GoodGroup[], copies: Ledger): GoodResult {
  const memberships = groups.flatMap((group) => group.memberships)
  const ledgers = groups.map(({ ledger }) => ledger)
  const sum = <T>(list: readonly T[], of: (element: T) => number) =>
    list.reduce((total, element) => total + of(element), 0)
  return {
    members: memberships.length,
    acknowledged: sum(ledgers, (ledger) => ledger.acknowledged),
    commits: sum(groups, (group) => group.commits),
    copies: copies.seen,
    lost: sum(ledgers, (ledger) => ledger.missing) + (copies.acknowledged - copies.seen),
    twice: sum([...ledgers, copies], (ledger) => ledger.twice),
    // Copies of several partitions have no order among each other.
    outOfOrder: sum(ledgers, (ledger) => ledger.outOfOrder),
    rebalances: sum(memberships, (member) => member.rebalances),
    thrownOut: sum(memberships, (member) => member.thrownOut),
    lateHeartbeats: sum(memberships, (member) => member.lateHeartbeats),
    oldestHeartbeatMs: Math.max(...memberships.map((member) => member.oldestMs)),
    failures: groups.flatMap((group) => group.failures),
  }
}
