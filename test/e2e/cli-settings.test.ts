import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { brokerConfig } from '@rivven/broker'
import { consumerKeys, loadConsumerConfig, loadProducerConfig, producerKeys } from '@rivven/client'
import { fromEnvironment } from '@rivven/config'
import { parseAllDocuments } from 'yaml'
import { assertPlainFailure, cells, scene } from './cli-scene.js'
import { rivvenctl } from './rivvenctl.js'

test('settings come from the command line, then the environment, then the file', async () => {
  await using s = await scene()
  const folder = await mkdtemp(join(tmpdir(), 'rivven-cli-'))
  const file = async (name: string, content: string) => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }
  const good = await file('rivven.yaml', `consumer:\n  bootstrap_servers: [${s.bootstrapServers}]\n  group_id: 42\n`)
  assert.equal((await rivvenctl(['topic', 'list', '--config', good])).status, 0)
  assert.equal((await rivvenctl(['topic', 'list'], { env: { RIVVEN_CONFIG: good } })).status, 0)
  assert.equal(
    (await rivvenctl(['topic', 'list'], { env: { RIVVEN_BOOTSTRAP_SERVERS: s.bootstrapServers } })).status,
    0,
  )
  const elsewhere = await file('elsewhere.yaml', 'consumer:\n  bootstrap_servers: 127.0.0.1:1\n')
  const env = { RIVVEN_BOOTSTRAP_SERVERS: s.bootstrapServers, RIVVEN_CONFIG: elsewhere }
  assert.equal((await rivvenctl(['topic', 'list'], { env })).status, 0)
  env.RIVVEN_BOOTSTRAP_SERVERS = '127.0.0.1:1'
  assert.equal((await rivvenctl(['topic', 'list', '-b', s.bootstrapServers], { env })).status, 0)

  const key = await file('key.yaml', 'consumer:\n  group_idd: x\n')
  assertPlainFailure(
    await s.run(['topic', 'list', '--config', key]),
    /sets group_idd in consumer:.*Did you mean group_id\?/,
    2,
  )
  const section = await file('section.yaml', 'consumers:\n  group_id: x\n')
  assertPlainFailure(
    await s.run(['topic', 'list', '--config', section]),
    /section consumers.*Did you mean consumer\?/,
    2,
  )
  const broken = await file('broken.yaml', 'consumer: [1,\n  2: {\n')
  assertPlainFailure(await s.run(['topic', 'list', '--config', broken]), /broken\.yaml is not YAML/, 2)
  assertPlainFailure(await s.run('topic list --config /nowhere/rivven.yaml'), /rivven\.yaml cannot be read/, 2)
  await rm(folder, { recursive: true })
})

test('one section is enough to say where the cluster is, for every command; two clusters are refused', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 1)
  const folder = await mkdtemp(join(tmpdir(), 'rivven-cli-'))
  for (const section of ['consumer', 'producer']) {
    const config = join(folder, `${section}.yaml`)
    await writeFile(config, `${section}:\n  bootstrap_servers: ${s.bootstrapServers}\n`)
    for (const argv of [
      ['topic', 'list'],
      ['produce', 't', 'x'],
      ['consume', 't', '-n', '1', '--from-beginning'],
    ])
      assert.equal((await rivvenctl([...argv, '--config', config])).status, 0, `${argv} with ${section}: alone`)
  }
  const config = join(folder, 'two.yaml')
  await writeFile(config, 'consumer:\n  bootstrap_servers: a:1\nproducer:\n  bootstrap_servers: b:1\n')
  assertPlainFailure(
    await rivvenctl(['topic', 'list', '--config', config]),
    /two clusters.*a:1.*b:1.*--bootstrap-servers/,
    2,
  )
  assert.equal((await rivvenctl(['topic', 'list', '--config', config, '-b', s.bootstrapServers])).status, 0)
  await rm(folder, { recursive: true })
})

/** Everything that an application may say of itself in its environment. */
const ofApplication = {
  RIVVEN_CLIENT_ID: 'application',
  RIVVEN_GROUP_ID: 'processors',
  RIVVEN_GROUP_INSTANCE_ID: 'processor-0',
  RIVVEN_PARTITION_ASSIGNMENT_STRATEGY: 'cooperative_sticky',
  RIVVEN_SESSION_TIMEOUT_MS: '20000',
  RIVVEN_ENABLE_AUTO_COMMIT: 'true',
  RIVVEN_ALLOW_AUTO_CREATE: 'true',
  RIVVEN_TRANSACTIONAL_ID: 'copier-0',
}

test('in the place of an application rivvenctl reads without joining its group, and says how to join', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 3)
  const folder = await mkdtemp(join(tmpdir(), 'rivven-cli-'))
  const config = join(folder, 'rivven.yaml')
  await writeFile(config, 'consumer:\n  group_id: processors\n  auto_offset_reset: earliest\n  max_poll_records: 2\n')
  for (const [argv, env] of [
    [['consume', 't', '-n', '3', '--config', config], {}],
    [['consume', 't', '-n', '3', '--from-beginning'], ofApplication],
  ] as const) {
    const ran = await s.run(argv, { env })
    assert.equal(ran.out, '0\n1\n2\n')
    assert.match(ran.words, /^Reading without a group; .*say --group processors\.\n3 records read\.\n$/)
  }
  await s.data('produce t one-more', { env: ofApplication })
  assert.deepEqual(cells(await s.data('group list')), [])
  await rm(folder, { recursive: true })
})

test('a member is what the command line says, nothing else', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 3)
  const application = await s.member('processors', 't', 'application', { groupInstanceId: 'processor-0' })
  const stop = new AbortController()
  let members: { clientId: string; groupInstanceId: string | null }[] = []
  const look = async () => {
    members = JSON.parse(await s.data('group describe processors -o json')).members
    stop.abort()
  }
  const onWords = (text: string) => void (text.startsWith('Assigned') && look())
  const polling = keepPolling(application, stop.signal)
  await s.run('consume t --group processors --verbose --max-poll-records 1', {
    env: ofApplication,
    stop: stop.signal,
    onWords,
  })
  await polling
  assert.deepEqual(
    members.map(({ clientId, groupInstanceId }) => [clientId, groupInstanceId]).sort(),
    [
      ['application', 'processor-0'],
      ['rivvenctl', null],
    ],
    'the static member of the application was not pushed out',
  )
  const flags = ['--group-instance-id', 'me-0', '--client-id', 'me', '--partition-assignment-strategy', 'round_robin']
  await s.data(['consume', 't', '-g', 'other', '--from-beginning', '-n', '1', ...flags], { env: ofApplication })
  const described = JSON.parse(await s.data('group describe other -o json'))
  assert.deepEqual([described.members[0].clientId, described.members[0].groupInstanceId], ['me', 'me-0'])
  assert.equal(described.protocol, 'roundrobin')
})

/** As an application does: it takes part in rebalances, and fails when its place is taken. */
async function keepPolling(consumer: { poll(ms: number): Promise<unknown> }, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) await consumer.poll(50)
}

test('the environment of our own Kubernetes example is such a place', async () => {
  const yaml = await readFile(new URL('../../../deploy/kubernetes/consumers.yaml', import.meta.url), 'utf8')
  const [, set] = parseAllDocuments(yaml).map((document) => document.toJS())
  const [container] = set.spec.template.spec.containers as { env: { name: string }[] }[]
  // How to reach the cluster is the same for both.
  const ofCluster = /^RIVVEN_(BOOTSTRAP_SERVERS|SECURITY_PROTOCOL|SASL_.*|SSL_.*)$/
  const names = container!.env.map(({ name }) => name).filter((name) => !ofCluster.test(name))
  for (const name of names) assert.ok(name in ofApplication, `${name} stands there and is not tried here`)
})

test('no program takes a key of another one for its own misspelt', async () => {
  const environment = (keys: Iterable<string>) =>
    Object.fromEntries([...keys].map((key) => [`RIVVEN_${key.toUpperCase()}`, '1']))
  const ofBroker = Object.keys(brokerConfig([]))
  const ofClients = [...Object.keys(consumerKeys), ...Object.keys(producerKeys)]
  fromEnvironment(ofBroker, environment(ofClients))
  const shared = ofBroker.filter((key) => !ofClients.includes(key))
  for (const load of [loadConsumerConfig, loadProducerConfig]) await load({ env: environment(shared) })
  fromEnvironment(Object.keys(consumerKeys), environment(Object.keys(producerKeys)))
  fromEnvironment(Object.keys(producerKeys), environment(Object.keys(consumerKeys)))
  const env = { RIVVEN_BOOTSTRAP_SERVER: 'localhost:1' }
  assertPlainFailure(await rivvenctl(['topic', 'list'], { env }), /Did you mean RIVVEN_BOOTSTRAP_SERVERS\?/, 2)
})
