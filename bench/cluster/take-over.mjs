import { Admin, Producer } from '@rivven/client'
import { patience, quiet } from '../../test/dist/chaos/work/patience.js'
import { inSchema, startBrokers } from './places.mjs'

const BROKERS = 3
const EACH = 500
const TOPIC = 'many'
/** So that there is something to be loaded. */
const BATCHES = 3

/** A broker that leads 500 partitions is killed: until the last of them has acknowledged a record at its next leader. */
export async function measureTakeOver(server, run) {
  const argsOf = () => inSchema(server, `take_over_${run}`)
  const place = await startBrokers('three', { count: BROKERS, argsOf })
  const common = { bootstrapServers: place.bootstrapServers, ...patience, ...quiet }
  const admin = new Admin({ bootstrapServers: place.bootstrapServers })
  const producer = new Producer(common)
  try {
    await admin.createTopics([{ name: TOPIC, partitions: BROKERS * EACH }])
    const [{ partitions }] = await admin.describeTopics([TOPIC])
    const everywhere = partitions.map(({ partition }) => partition)
    for (let batch = 0; batch < BATCHES; batch++) await writeTo(producer, everywhere)
    const led = partitions.filter(({ leader }) => leader === BROKERS).map(({ partition }) => partition)
    const since = performance.now()
    await place.brokers[BROKERS - 1].end('SIGKILL')
    await writeTo(producer, led)
    return {
      test: 'cluster-take-over',
      broker: 'three',
      led: led.length,
      took_ms: Math.round(performance.now() - since),
    }
  } finally {
    await producer.close()
    await admin.close()
    await place.end()
  }
}

function writeTo(producer, partitions) {
  return Promise.all(partitions.map((partition) => producer.send({ topic: TOPIC, partition, value: 'x' })))
}
