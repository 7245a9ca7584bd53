import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { brokerConfig } from '@rivven/broker'
import { parse } from 'yaml'
import { plainEnvironment, root, whyNotReached } from '../packages/installation.js'
import { brokerProcess } from '../support/broker-process.js'
import { eventually } from '../support/eventually.js'
import { type Image, walkDockerfile } from './image-steps.js'

const deploy = join(root, 'deploy')
let image: Image
let reason: string | undefined
before(async () => {
  try {
    image = await walkDockerfile(join(deploy, 'Dockerfile'))
  } catch (error) {
    reason = whyNotReached(error)
  }
})
after(() => image?.[Symbol.dispose]())

function imageTest(name: string, check: () => Promise<void> | void): void {
  test(name, async (context) => {
    if (reason !== undefined) context.skip(reason)
    else await check()
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

imageTest('the image does not listen beyond itself unless it is told that everybody may do everything', () => {
  const [, ...args] = image.command
  const env = { ...plainEnvironment(), ...image.env, RIVVEN_DATA_DIR: image.at('/var/lib/rivven') }
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: image.workdir, env, encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stderr, /0\.0\.0\.0:9092.*allow_anonymous/s)
})

imageTest('told so it serves, keeps its data in the volume and says that it is healthy', async () => {
  const [port, http] = [await freePort(), await freePort()]
  const env = {
    ...image.env,
    RIVVEN_DATA_DIR: image.at('/var/lib/rivven'),
    RIVVEN_ALLOW_ANONYMOUS: 'true',
    RIVVEN_HTTP: `0.0.0.0:${http}`,
    RIVVEN_ADVERTISED_LISTENERS: `127.0.0.1:${port}`,
  }
  const [, program, ...args] = image.command
  const isHealthy = () => {
    const [, ...check] = image.healthcheck.map((word) => word.replace(':9644/', `:${http}/`))
    return promisify(execFile)(process.execPath, check)
  }
  await assert.rejects(isHealthy(), { code: 1 })
  const listen = ['--listen', `0.0.0.0:${port}`]
  await using _ = await brokerProcess({}, { program: program!, args: [...args, ...listen], env })
  await eventually(async () => void (await isHealthy()))
  const rivvenctl = image.at('/app/node_modules/.bin/rivvenctl')
  const words = ['-b', `127.0.0.1:${port}`, 'produce', 'orders', 'a first order']
  await promisify(execFile)(rivvenctl, words, { env: plainEnvironment() })
  assert.match(spawnSync('ls', ['-R', env.RIVVEN_DATA_DIR], { encoding: 'utf8' }).stdout, /orders-0/)
})

imageTest('it brings the two programs and what they need, and runs as nobody special', () => {
  const packages = readFileSync(image.at('/app/node_modules/.package-lock.json'), 'utf8')
  assert.match(packages, /node_modules\/rivvend"/)
  assert.doesNotMatch(packages, /@rivven\/|typescript|esbuild|kafkajs/)
  assert.equal(image.user, 'node')
})

interface Compose {
  services: { rivvend: { environment: Record<string, string>; ports: string[]; volumes: string[] } }
}

test('the compose file is open to this machine only, and its settings are ones that rivvend takes', () => {
  const { rivvend } = (parse(readFileSync(join(deploy, 'compose.yaml'), 'utf8')) as Compose).services
  const { broker } = parse(readFileSync(join(deploy, 'image.yaml'), 'utf8')) as { broker: Record<string, unknown> }
  const entries = Object.entries(rivvend.environment).map(([name, value]) => [name.slice(7).toLowerCase(), value])
  const config = brokerConfig([
    { from: 'image.yaml', values: broker },
    { from: 'the environment', values: Object.fromEntries(entries) },
  ])
  assert.equal(config.allow_anonymous, true)
  assert.equal(config.advertised_listeners, 'localhost:9092')
  for (const address of rivvend.ports) assert.match(address, /^127\.0\.0\.1:/)
  assert.deepEqual(rivvend.volumes, [`rivven-data:${config.data_dir}`])
})
