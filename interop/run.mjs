// `npm run interop`: clients of other languages against rivvend, from produce to a group of two, and what they see of TLS,
// logins and ACLs. What a suite needs (needed.mjs) and is missing is skipped with a line; `npm run interop -- transactions`
// plays only what has this in its name. Each check reads back exactly what another client wrote.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from './broker.mjs'
import { feed } from './feeding.mjs'
import { java, javaTransactions, kafkaClasspath } from './java.mjs'
import { kcat } from './kcat.mjs'
import { javaReader, librdkafkaReader, liveReset } from './live-reset.mjs'
import { javaMember, librdkafkaMember, mixedGroup } from './mixed-groups.mjs'
import { needed } from './needed.mjs'
import { guardedScene } from './secured/scene.mjs'
import { securedSuites } from './secured/suites.mjs'

/** librdkafka through Python: the checks are in librdkafka.py. */
function librdkafka({ address }) {
  process.stdout.write(feed('python3', [join(import.meta.dirname, 'librdkafka.py'), address], []))
}

/** The same for transactions. */
function librdkafkaTransactions({ address }) {
  process.stdout.write(
    feed('python3', [join(import.meta.dirname, 'librdkafka_transactions.py'), address], [], { timeout: 120_000 }),
  )
}

const openSuites = [
  { name: 'kcat', needs: needed.kcat, play: ({ address }) => kcat(address) },
  { name: 'librdkafka', needs: needed.librdkafka, play: librdkafka },
  { name: 'librdkafka transactions', needs: needed.librdkafka, play: librdkafkaTransactions },
  {
    name: 'librdkafka beside our members in a group',
    needs: needed.librdkafka,
    play: ({ address }) => mixedGroup(address, 'librdkafka', librdkafkaMember),
  },
  {
    name: 'live reset under members of librdkafka',
    needs: needed.librdkafka,
    play: ({ address }) => liveReset(address, 'librdkafka', librdkafkaReader),
  },
  { name: 'java', needs: needed.java, play: ({ address }) => java(address) },
  {
    name: 'java beside our members in a group',
    needs: needed.java,
    play: async ({ address }) => mixedGroup(address, 'java', javaMember(await kafkaClasspath())),
  },
  {
    name: 'live reset under members of java',
    needs: needed.java,
    play: async ({ address }) => liveReset(address, 'java', javaReader(await kafkaClasspath())),
  },
  { name: 'java transactions', needs: needed.java, play: ({ address }) => javaTransactions(address) },
].map((suite) => ({ ...suite, on: 'open' }))

async function openBroker() {
  const dataDir = mkdtempSync(join(tmpdir(), 'rivven-interop-'))
  const { address, close } = await startBroker(dataDir)
  return {
    address,
    async close() {
      await close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Each is started for the first suite that plays on it. */
const starts = {
  open: openBroker,
  guarded: () => guardedScene(),
  shortSessions: () => guardedScene({ connections_max_reauth_ms: 3000 }),
}
const brokers = new Map()

async function play({ needs, on, play }) {
  if (!needs.isThere()) return `skipped  NAME: it needs ${needs.text}`
  try {
    if (!brokers.has(on)) brokers.set(on, await starts[on]())
    await play(brokers.get(on))
    return 'ok       NAME'
  } catch (error) {
    process.exitCode = 1
    return `FAILED   NAME: ${error.message}`
  }
}

const only = process.argv[2]

/** Our members beside Java's on another cluster: `npm run interop -- --on-kafka HOST:PORT`. */
if (only === '--on-kafka') {
  await mixedGroup(process.argv[3], `java-${Date.now()}`, javaMember(await kafkaClasspath()))
  console.log('ok       our members beside one of Java on Kafka')
  process.exit(0)
}

for (const suite of [...openSuites, ...securedSuites]) {
  if (only !== undefined && !suite.name.includes(only)) continue
  console.log((await play(suite)).replace('NAME', suite.name))
}
for (const broker of brokers.values()) await broker.close()
