import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertPlainFailure, cells, scene } from './cli-scene.js'

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
  await refused('-g g --heartbeat-interval-ms 5000 --session-timeout-ms 5000', /is not below/, 2)
  await refused('-g g --partition-assignment-strategy fair', /"fair" is not known/, 2)
  await refused('--group-id g --offset 3', /leave out --partition and --offset/, 2)
  for (const words of ['--enable-auto-commit yes', '--session-timeout-ms long']) {
    const ran = await s.run(`consume t -g g ${words}`)
    assert.deepEqual([ran.status, /It (is true or false|must be a whole number)/.test(ran.words)], [2, true])
  }
})
