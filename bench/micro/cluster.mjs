// node bench/micro/cluster.mjs [ROUNDS]: three brokers in this process. How long until they are ready, and how long no record of a
// partition is acknowledged when its leader is killed or drained. Wall time: only on a machine that does nothing else.
import { Admin, Producer } from '@rivven/client'
import { startRivvenCluster } from '@rivven/testing'

const rounds = Number(process.argv[2] ?? 20)
const partitions = 6

/** Produces to each partition one record after the other, and knows the longest pause of each. */
class Writers {
  #producer
  #isOver = false
  #longest = []
  #ends = []

  constructor(bootstrapServers) {
    this.#producer = new Producer({ bootstrapServers, lingerMs: 0 })
  }

  start() {
    this.#ends = Array.from({ length: partitions }, (_, partition) => this.#write(partition))
  }

  async #write(partition) {
    let last = performance.now()
    while (!this.#isOver) {
      await this.#producer.send({ topic: 'orders', partition, value: 'x' })
      const now = performance.now()
      this.#longest[partition] = Math.max(this.#longest[partition] ?? 0, now - last)
      last = now
    }
  }

  /** Milliseconds, of `led`, since it was asked last. */
  pause(led) {
    const longest = Math.max(...led.map((partition) => this.#longest[partition] ?? 0))
    this.#longest = []
    return longest
  }

  async end() {
    this.#isOver = true
    await Promise.all(this.#ends)
    await this.#producer.close()
  }
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

function report(what, values) {
  const sorted = [...values].sort((a, b) => a - b)
  const [median, most] = [sorted[sorted.length >> 1], sorted.at(-1)]
  console.log(`${what.padEnd(48)} median ${median.toFixed(0)} ms, most ${most.toFixed(0)} ms, of ${sorted.length}`)
}

const starts = []
for (let round = 0; round < rounds; round++) {
  const began = performance.now()
  const cluster = await startRivvenCluster({ brokers: 3 })
  starts.push(performance.now() - began)
  await cluster.close()
}
report('three brokers ready', starts)

const cluster = await startRivvenCluster({ brokers: 3, config: { num_partitions: partitions } })
const admin = new Admin({ bootstrapServers: cluster.bootstrapServers })
await admin.createTopics([{ name: 'orders', partitions }])
const ledBy = (id) => [...Array(partitions).keys()].filter((partition) => cluster.leaderOf('orders', partition) === id)

/** Until each leads its share again. */
async function balanced() {
  for (let id = 1; id <= 3; id++) while (ledBy(id).length !== partitions / 3) await wait(20)
  await wait(500)
}

async function pauses(ends, returns) {
  const values = []
  for (let round = 0; round < rounds; round++) {
    const id = (round % 3) + 1
    await balanced()
    const led = ledBy(id)
    writers.pause(led)
    await ends(id)
    await wait(5_000)
    values.push(writers.pause(led))
    await returns(id)
  }
  return values
}

const writers = new Writers(cluster.bootstrapServers)
writers.start()
report(
  'pause of a partition whose leader is drained',
  await pauses(
    (id) => cluster.drain(id),
    (id) => cluster.undrain(id),
  ),
)
report(
  'pause of a partition whose leader is killed',
  await pauses(
    (id) => cluster.kill(id),
    (id) => cluster.restart(id),
  ),
)
await writers.end()
await admin.close()
await cluster.close()
