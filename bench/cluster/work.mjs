// Applications at work while brokers come and go, and how long each thing that they do made no progress.
import { setTimeout as pause } from 'node:timers/promises'
import { Admin, Consumer, Producer } from '@rivven/client'
import { patience, quiet } from '../../test/dist/chaos/work/patience.js'
import { Gaps } from './gaps.mjs'

const TOPIC = 'orders'
const PARTITIONS = 6
const GROUPS = 24
const MEMBERS = 3
const internal = ['__consumer_offsets', '__transaction_state']

const numbered = (count, name) => Array.from({ length: count }, (_, at) => `${name}-${at}`)

/** Writes single records to each partition, commits for many groups, and one group with members reads all. */
export class Work {
  partitions = numbered(PARTITIONS, TOPIC)
  groups = numbered(GROUPS, 'group')
  #gaps = new Gaps()
  #admin
  #producer
  #members
  #loops = []
  #isOver = false

  constructor(bootstrapServers) {
    const common = { bootstrapServers, ...patience, ...quiet }
    this.common = common
    this.#admin = new Admin(common)
    this.#producer = new Producer(common)
    const group = { groupId: 'team', autoOffsetReset: 'earliest', sessionTimeoutMs: 30_000 }
    this.#members = Array.from({ length: MEMBERS }, () => new Consumer({ ...common, ...group }))
  }

  async start() {
    await this.#admin.createTopics([{ name: TOPIC, partitions: PARTITIONS }])
    await this.#makeTransactionState()
    for (const [partition, name] of this.partitions.entries())
      this.#repeat(name, 5, () => this.#producer.send({ topic: TOPIC, partition, value: 'x'.repeat(100) }))
    for (const name of this.groups)
      this.#repeat(name, 20, (offset) => this.#admin.alterGroupOffsets(name, [{ topic: TOPIC, partition: 0, offset }]))
    for (const member of this.#members) this.#loops.push(this.#read(member))
    await until('all applications to be at work', () =>
      this.#gaps.haveAllBeaten([...this.partitions, ...this.groups], 0),
    )
    await until('a group to share partitions', () => this.#members.every((member) => member.assignment().length === 2))
  }

  get generation() {
    return Math.max(...this.#members.map(({ generationId }) => generationId))
  }

  longest(names, since) {
    return this.#gaps.longest(names, since)
  }

  /** Resolves when all that these do has gone on since then. */
  async goesOn(names, since) {
    await until(`${names} to go on`, () => this.#gaps.haveAllBeaten(names, since))
  }

  /** Names of the partitions that a broker leads. */
  async ledBy(id) {
    const [orders] = await this.#admin.describeTopics([TOPIC])
    return orders.partitions.filter(({ leader }) => leader === id).map(({ partition }) => `${TOPIC}-${partition}`)
  }

  /** Resolves when so many brokers lead the same number of partitions, give or take one: of the records, or of coordinators, too. */
  async balanced(count, { coordinators }) {
    const names = coordinators ? [TOPIC, ...internal] : [TOPIC]
    await until('leaders to be spread', async () => {
      const topics = await this.#admin.describeTopics(names).catch(() => [])
      return topics.length > 0 && topics.every(({ partitions }) => isSpread(partitions, count))
    })
  }

  async end() {
    this.#isOver = true
    await Promise.all(this.#loops)
    await Promise.all(this.#members.map((member) => member.close({ timeoutMs: 5_000 })))
    await this.#producer.close()
    await this.#admin.close()
  }

  /** Its topic is made by whoever begins a transaction first. */
  async #makeTransactionState() {
    const producer = new Producer({ ...this.common, transactionalId: 'first' })
    const transaction = await producer.beginTransaction()
    await transaction.send({ topic: TOPIC, partition: 0, value: 'x' })
    await transaction.commit()
    await producer.close()
  }

  #repeat(name, pauseMs, work) {
    const loop = async () => {
      for (let n = 0; !this.#isOver; n++) {
        await work(n).then(
          () => this.#gaps.beat(name),
          () => undefined,
        )
        await pause(pauseMs)
      }
    }
    this.#loops.push(loop())
  }

  async #read(member) {
    await member.subscribe(TOPIC)
    while (!this.#isOver) await member.poll(200).catch(() => pause(50))
  }
}

function isSpread(partitions, count) {
  const led = new Map()
  for (const { leader } of partitions) led.set(leader, (led.get(leader) ?? 0) + 1)
  const counts = [...led.values()]
  return !led.has(-1) && led.size === count && Math.max(...counts) - Math.min(...counts) <= 1
}

const LONGEST_MS = 60_000

export async function until(what, holds) {
  for (const end = performance.now() + LONGEST_MS; !(await holds()); await pause(20))
    if (performance.now() > end) throw new Error(`waited for ${what} for ${LONGEST_MS / 1000} s`)
}
