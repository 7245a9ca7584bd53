import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { kafkaClasspath } from '../java.mjs'
import { needed } from '../needed.mjs'
import { javaTools } from './java-tools.mjs'
import { kcat, waysOfKcat } from './kcat.mjs'
import { program, secured, sessions } from './programs.mjs'

const file = (name) => join(import.meta.dirname, name)

function franz({ folder }) {
  const binary = join(folder, 'franz')
  const { status, stderr } = spawnSync('go', ['build', '-o', binary, '.'], { cwd: file('franz'), encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return program(binary)
}

/** aiokafka does not read that a token is refused: it goes on as if it had come in, again and again. */
const withoutRefusedTokens = ({ wrong, ...way }) => (way.mechanism === 'OAUTHBEARER' ? way : { ...way, wrong })

/** By the name of the client: what it needs, and its program. */
const clients = {
  librdkafka: { needs: needed.librdkafka, make: () => program('python3', file('librdkafka.py')) },
  aiokafka: {
    needs: needed.aiokafka,
    make: () => program('python3', file('aiokafka_client.py')),
    ways: (ways) => ways.map(withoutRefusedTokens),
  },
  'franz-go': { needs: needed.go, make: franz },
  java: {
    needs: needed.java,
    make: async () => program('java', '-XX:TieredStopAtLevel=1', '-cp', await kafkaClasspath(), file('Secured.java')),
    reauthenticates: true,
  },
}

/** `on`: with sessions of three seconds, or without end. */
export const securedSuites = [
  {
    name: 'secured: kcat',
    needs: needed.kcat,
    on: 'guarded',
    play: (scene) => secured(scene, 'kcat', kcat, waysOfKcat(scene.ways)),
  },
  ...Object.entries(clients).flatMap(([name, { needs, make, ways = (all) => all, ...options }]) => [
    {
      name: `secured: ${name}`,
      needs,
      on: 'guarded',
      play: async (scene) => secured(scene, name, await make(scene), ways(scene.ways)),
    },
    {
      name: `secured: ${name} over several sessions`,
      needs,
      on: 'shortSessions',
      play: async (scene) => sessions(scene, name, await make(scene), options),
    },
  ]),
  {
    name: 'secured: kafka-acls and kafka-configs',
    needs: needed.java,
    on: 'guarded',
    play: async (scene) => javaTools(scene, await kafkaClasspath()),
  },
]
