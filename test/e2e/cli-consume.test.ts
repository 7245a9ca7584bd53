import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertPlainFailure, cells, scene } from './cli-scene.js'

test('settings of a member come from flags, over the environment, over the file', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 3)
  const folder = await mkdtemp(join(tmpdir(), 'rivven-cli-'))
  const config = join(folder, 'rivven.yaml')
  await writeFile(
    config,
    'consumer:\n  group_id: from-file\n  group_instance_id: pod-0\n  auto_offset_reset: earliest\n  session_timeout_ms: 20000\n',
  )
  assert.equal(await s.data(['consume', 't', '-n', '1', '--config', config]), '0\n')
  const [member] = JSON.parse(await s.data('group describe from-file --members -o json')).members
  assert.deepEqual([member.groupInstanceId, member.clientId], ['pod-0', 'rivvenctl'])

  const env = { RIVVEN_CONFIG: config, RIVVEN_GROUP_ID: 'from-env', RIVVEN_GROUP_INSTANCE_ID: 'pod-1' }
  assert.equal(await s.data('consume t -n 1', { env }), '0\n')
  const flags = ['--group-id', 'from-flag', '--client-id', 'me', '--partition-assignment-strategy', 'round_robin']
  assert.equal(await s.data(['consume', 't', '-n', '2', ...flags], { env }), '0\n1\n')
  const described = JSON.parse(await s.data('group describe from-flag -o json'))
  assert.deepEqual([described.members[0].clientId, described.members[0].groupInstanceId], ['me', 'pod-1'])
  assert.equal(described.protocol, 'roundrobin')
  assert.deepEqual(
    cells(await s.data('group list')).map(([name]) => name),
    ['from-env', 'from-file', 'from-flag'],
  )
  await rm(folder, { recursive: true })
})

test('what was written is committed at once, at intervals, or never', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 5)
  const consume = (group: string, ...more: string[]) =>
    s.data(['consume', 't', '-g', group, '--from-beginning', '-n', '2', ...more])
  const offset = async (group: string) => cells(await s.data(`group lag ${group}`))[0]?.[2]
  await consume('at-once')
  assert.equal(await offset('at-once'), '2')
  await consume('later', '--enable-auto-commit', '--auto-commit-interval-ms', '60000')
  assert.equal(await offset('later'), '2', 'the end commits, too')
  await consume('never', '--enable-auto-commit', 'false')
  assert.equal(await offset('never'), undefined)
})

test('with --verbose rebalances are told on stderr', async () => {
  await using s = await scene()
  await s.topicWith('t', 2, 1)
  const ran = await s.run('consume t -g g --from-beginning -n 2 --verbose --heartbeat-interval-ms 100')
  assert.deepEqual(ran.out, '0\n0\n')
  assert.match(ran.words, /^Assigned t\/0, t\/1 \(generation 1, eager\): first join\n/)
  assert.match(ran.words, /Revoked t\/0, t\/1 \(generation 1, eager\): the consumer was closed\n/)
})

test('settings that make no sense are refused in one sentence', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 1)
  const refused = async (words: string, sentence: RegExp, status: number) =>
    assertPlainFailure(await s.run(`consume t ${words}`), sentence, status)
  await refused('--group-instance-id pod-0', /say which with --group/, 2)
  await refused('-g g --from-beginning --auto-offset-reset latest', /leave one out/, 2)
  await refused('-g g --heartbeat-interval-ms 5000 --session-timeout-ms 5000', /is not below/, 1)
  await refused('-g g --partition-assignment-strategy fair', /"fair" is not known/, 1)
  await refused('--group-id g --offset 3', /leave out --partition and --offset/, 2)
  for (const words of ['--enable-auto-commit yes', '--session-timeout-ms long']) {
    const ran = await s.run(`consume t -g g ${words}`)
    assert.deepEqual([ran.status, /It (is true or false|must be a whole number)/.test(ran.words)], [2, true])
  }
})
