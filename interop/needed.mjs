// What the suites need on this machine, and how to get it.
import { spawnSync } from 'node:child_process'

const has = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0
const python = (module, name) => ({
  text: `Python with ${name} (pip install ${name})`,
  isThere: () => has('python3', '-c', `import ${module}`),
})

export const needed = {
  kcat: { text: 'kcat (apt-get install kcat)', isThere: () => has('kcat', '-V') },
  librdkafka: python('confluent_kafka', 'confluent-kafka'),
  aiokafka: python('aiokafka', 'aiokafka'),
  java: { text: 'java and mvn', isThere: () => has('java', '-version') && has('mvn', '-version') },
  go: { text: 'go 1.26 or later', isThere: () => has('go', 'version') },
}
