// `npm run interop`: clients of other languages against rivvend, from produce to a group of two. Needs what it tests: kcat,
// librdkafka through Python (pip install confluent-kafka), Java's console tools (java and mvn); what is missing is skipped
// with a line; `npm run interop -- transactions` plays only what has this in its name. Each check reads back exactly what
// another client wrote.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from './broker.mjs'
import { feed } from './feeding.mjs'
import { java, javaTransactions, kafkaClasspath } from './java.mjs'
import { kcat } from './kcat.mjs'
import { javaMember, librdkafkaMember, mixedGroup } from './mixed-groups.mjs'

const has = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

/** librdkafka through Python: the checks are in librdkafka.py. */
function librdkafka(address) {
  process.stdout.write(feed('python3', [join(import.meta.dirname, 'librdkafka.py'), address], []))
}

/** The same for transactions. */
function librdkafkaTransactions(address) {
  process.stdout.write(
    feed('python3', [join(import.meta.dirname, 'librdkafka_transactions.py'), address], [], { timeout: 120_000 }),
  )
}

const hasPython = () => has('python3', '-c', 'import confluent_kafka')
const hasJava = () => has('java', '-version') && has('mvn', '-version')

const suites = [
  { name: 'kcat', needs: 'kcat (apt-get install kcat)', isThere: () => has('kcat', '-V'), play: kcat },
  {
    name: 'librdkafka',
    needs: 'Python with confluent-kafka (pip install confluent-kafka)',
    isThere: hasPython,
    play: librdkafka,
  },
  {
    name: 'librdkafka transactions',
    needs: 'Python with confluent-kafka (pip install confluent-kafka)',
    isThere: hasPython,
    play: librdkafkaTransactions,
  },
  {
    name: 'librdkafka beside our members in a group',
    needs: 'Python with confluent-kafka (pip install confluent-kafka)',
    isThere: hasPython,
    play: (address) => mixedGroup(address, 'librdkafka', librdkafkaMember),
  },
  { name: 'java', needs: 'java and mvn', isThere: hasJava, play: java },
  {
    name: 'java beside our members in a group',
    needs: 'java and mvn',
    isThere: hasJava,
    play: async (address) => mixedGroup(address, 'java', javaMember(await kafkaClasspath())),
  },
  { name: 'java transactions', needs: 'java and mvn', isThere: hasJava, play: javaTransactions },
]
const only = process.argv[2]

/** Our members beside Java's on another cluster: `npm run interop -- --on-kafka HOST:PORT`. */
if (only === '--on-kafka') {
  await mixedGroup(process.argv[3], `java-${Date.now()}`, javaMember(await kafkaClasspath()))
  console.log('ok       our members beside one of Java on Kafka')
  process.exit(0)
}

const dataDir = mkdtempSync(join(tmpdir(), 'rivven-interop-'))
const { child, address } = await startBroker(dataDir)
let failed = 0
for (const { name, needs, isThere, play } of suites) {
  if (only !== undefined && !name.includes(only)) continue
  if (!isThere()) {
    console.log(`skipped  ${name}: it needs ${needs}`)
    continue
  }
  try {
    await play(address)
    console.log(`ok       ${name}`)
  } catch (error) {
    failed++
    console.log(`FAILED   ${name}: ${error.message}`)
  }
}
child.kill('SIGTERM')
await new Promise((done) => child.once('exit', done))
rmSync(dataDir, { recursive: true, force: true })
process.exitCode = failed > 0 ? 1 : 0
