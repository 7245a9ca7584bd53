// What it costs a Produce request of one record that its rights are looked up: CPU of the whole broker a request, from the bytes that
// come in to those of the answer, with an authorizer and without. There are no sockets and no files, which are half of a request, so
// what is measured here is twice as much of it as it is for a client. Each process compiles its code anew, so both begin again and again, in turns.
// Run by hand after `npm run build`: node bench/micro/rights.mjs [rounds]
import { spawnSync } from 'node:child_process'
import { Broker, brokerConfig, memoryStorage, silentLog } from '@rivven/broker'
import { buildBatch, CreateTopics, encodeRequest, Produce } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { report } from './measure.mjs'

const connections = 8
const inFlight = 16
const partitions = 6
const [word = '10'] = process.argv.slice(2)

const ignored = () => undefined

/** A client's end of a connection, as the broker sees it. */
class Stream {
  remote = { host: '127.0.0.1', port: 1 }
  buffered = 0
  #sink
  #awaited = 0
  #answered

  start(sink) {
    this.#sink = sink
  }

  /** Resolves when so many bytes have been answered; where it is not said how many, with what the first write had. */
  send(bytes, awaited) {
    this.#awaited = awaited ?? 1
    const answered = new Promise((resolve) => {
      this.#answered = resolve
    })
    for (let at = 0; at < bytes.length; ) {
      const target = this.#sink.target()
      const count = Math.min(target.length, bytes.length - at)
      bytes.copy(target, 0, at, at + count)
      at += count
      this.#sink.received(count)
    }
    return answered
  }

  write(chunks, taken) {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    this.#awaited -= bytes
    if (this.#awaited <= 0) this.#answered(bytes)
    taken?.()
  }

  // Nobody is held up, and nobody ends.
  pause = ignored
  resume = ignored
  end = ignored
  destroy = ignored
}

async function start(authorizer) {
  const runtime = nodeRuntime()
  let accept
  const listen = async (_address, accepts) => {
    accept = accepts
    return { address: { host: '127.0.0.1', port: 1 }, close: async () => undefined }
  }
  const values = { authorizer_class_name: authorizer, allow_everyone_if_no_acl_found: true, num_partitions: partitions }
  const config = brokerConfig([{ from: 'the bench', values: { ...values, http: 'off' } }])
  const world = { ...runtime, network: { ...runtime.network, listen } }
  await Broker.start({ config, runtime: world, storage: memoryStorage(runtime), log: silentLog() })
  return () => {
    const stream = new Stream()
    accept(stream)
    return stream
  }
}

const frame = (api, version, request) =>
  Buffer.concat(encodeRequest(api, version, { correlationId: 1, clientId: 'bench' }, request))

function produceFrame(index) {
  const records = buildBatch({ records: [{ key: null, value: Buffer.alloc(8, 1), timestamp: Date.now() }] })
  const topicData = [{ name: 'load', partitionData: [{ index, records }] }]
  return frame(Produce, 9, { transactionalId: null, acks: 1, timeoutMs: 1000, topicData })
}

/** Prints ns of CPU a request, of some stretches. */
async function measure(authorizer) {
  const connect = await start(authorizer)
  const topics = [{ name: 'load', numPartitions: partitions, replicationFactor: 1, assignments: [], configs: [] }]
  await connect().send(frame(CreateTopics, 5, { topics, timeoutMs: 1000, validateOnly: false }))
  const answerBytes = await connect().send(produceFrame(0))
  const streams = Array.from({ length: connections }, connect)
  const reads = streams.map((_, index) => Buffer.concat(Array(inFlight).fill(produceFrame(index % partitions))))
  const stretch = async (requests) => {
    const before = process.cpuUsage()
    for (let sent = 0; sent < requests; sent += connections * inFlight) {
      await new Promise(setImmediate)
      await Promise.all(streams.map((stream, index) => stream.send(reads[index], inFlight * answerBytes)))
    }
    const { user, system } = process.cpuUsage(before)
    return ((user + system) * 1000) / requests
  }
  await stretch(200_000)
  const values = []
  for (let time = 0; time < 5; time++) values.push(await stretch(100_000))
  console.log(JSON.stringify(values))
  process.exit()
}

function compare(rounds) {
  const values = { standard: [], none: [] }
  for (let round = 0; round < rounds; round++) {
    for (const authorizer of round % 2 ? ['none', 'standard'] : ['standard', 'none']) {
      const { stdout } = spawnSync(process.execPath, [import.meta.filename, authorizer], { encoding: 'utf8' })
      // The best stretch of each process: whatever else runs on the machine only adds to it.
      values[authorizer].push(Math.min(...JSON.parse(stdout)))
    }
  }
  report('Produce of one record, rights looked up', 'ns', values.standard)
  report('the same without an authorizer', 'ns', values.none)
}

if (word === 'standard' || word === 'none') await measure(word)
else compare(Number(word))
