import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { Admin } from '@rivven/client'
import { eventually } from '../support/eventually.js'
import { assertPlainFailure, cells, scene } from './cli-scene.js'
import { rivvenctl } from './rivvenctl.js'

test('a mistyped topic is told, and not made, also where the broker makes topics', async () => {
  await using s = await scene({ auto_create_topics_enable: true })
  await s.topicWith('orders', 2, 1)
  for (const line of ['consume oders --group g', 'consume oders --from-beginning', 'topic describe oders'])
    assertPlainFailure(await s.run(line), /oders failed: UNKNOWN_TOPIC_OR_PARTITION/, 4)
  assert.deepEqual(cells(await s.data('topic list')), [['orders', '2', '1']])
  assert.deepEqual(cells(await s.data('group list')), [])
  const written = await s.run('produce fresh x')
  assert.match(written.words, /^Written to fresh, .*\nTopic fresh was not there: the broker made it\.\n$/)
  assert.equal((await s.run('produce fresh y')).words.split('\n').length, 2)
})

test('a partition that a topic does not have is told', async () => {
  await using s = await scene()
  await s.topicWith('t', 2, 1)
  const lines = ['consume t --partition 99', 'consume t --partition 0 --partition 7 --timeout 300', 'produce t x -p 7']
  const more = ['transaction describe --topic t --partition 7', 'group reset-offsets g --create -t t:7 --to-latest']
  for (const line of [...lines, ...more])
    assertPlainFailure(await s.run(line), /Topic "t" has no partition (7|99): it has partitions 0 to 1\./, 4)
})

test('an offset that a partition does not have is an error, unless another place to begin is named', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 5)
  assertPlainFailure(await s.run('consume t --partition 0 --offset 99 -n 1'), /Offset 99 of t\/0 does not exist/, 4)
  assert.equal(await s.data('consume t --offset 99 -n 1 --auto-offset-reset earliest'), '0\n')
  assert.equal(await s.data('consume t --offset 5 --timeout 200'), '')
})

test('numbers that make no sense are refused, where they stand', async () => {
  const lines = ['consume t -n 0', 'consume t --timeout -1', 'consume t --partition -1', 'consume t --offset -5']
  const more = ['group lag g --watch --interval 0', 'group timeline g -n 0', 'topic create t -p 0', 'produce t x -p -1']
  for (const line of [...lines, ...more]) {
    const ran = await rivvenctl(line.split(' '))
    assert.deepEqual([ran.status, /It must be [01] or more\./.test(ran.words)], [2, true], `${line}: ${ran.words}`)
  }
  const ran = await rivvenctl('group reset-offsets g -t t --to-datetime 2026-02-31'.split(' '))
  assert.deepEqual([ran.status, /of a day that exists/.test(ran.words)], [2, true])
})

test('a fresh cluster has recorded no rebalance, and that is not taken for one that is not Rivven', async () => {
  await using s = await scene()
  for (const command of ['timeline', 'explain'])
    assertPlainFailure(await s.run(`group ${command} nobody`), /There is no group "nobody"/, 4)
  await s.topicWith('t', 1, 1)
  await s.data('group reset-offsets g --create -t t --to-latest')
  assertPlainFailure(
    await s.run('group explain g'),
    /^rivvenctl: No rebalance is recorded in this cluster\. Rivven records each/,
  )
})

test('a group that was deleted is explained as that', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 1)
  await s.data('consume t -g g --from-beginning -n 1')
  await s.data('group delete g')
  await eventually(async () => assert.match(await s.data('group timeline g'), / deleted\n$/))
  const explained = await s.data('group explain g')
  assert.match(
    explained,
    /^Group g does not exist any more\.\n\nIt was deleted .* ago, at .*\n\nIn the last hour: 2 reb/,
  )
  assert.doesNotMatch(explained, /administrator/)
  assert.equal(JSON.parse(await s.data('group explain g -o json')).why, 'The group was deleted.')
})

test('an offset beyond the end is no lag of 0', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 3)
  const admin = new Admin({ bootstrapServers: s.bootstrapServers })
  await admin.alterGroupOffsets('g', [{ topic: 't', partition: 0, offset: 9 }])
  await admin.close()
  const ran = await s.run('group lag g')
  assert.deepEqual(cells(ran.out), [['t', '0', '9', '3', '-6']])
  assert.match(
    ran.words,
    /^t\/0: the committed offset is beyond the end, .*`rivvenctl group reset-offsets g --topic t /,
  )
})

test('groups whose names begin with - can be worked with, and the undo of a reset too', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 5)
  await s.data('group reset-offsets --create -t t --to-offset 2 -- -g')
  const { words } = await s.run('group reset-offsets -t t --to-latest -- -g')
  const [, command, line] = /rivvenctl (.*) <<'END'\n(.*)\nEND\n/.exec(words)!
  const undone = await s.run(command!.split(' '), { lines: [line!] })
  assert.equal(undone.status, 0, undone.words)
  assert.deepEqual(cells(await s.data('group lag -- -g')), [['t', '0', '2', '5', '3']])
})

test('what was deleted is told beside what could not be', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 1)
  await s.data('group reset-offsets g --create -t t --to-latest')
  for (const [line, gone] of [
    ['group delete nobody g', 'g'],
    ['topic delete t nowhere never', 't'],
  ] as const) {
    const ran = await s.run(line)
    assert.equal(ran.status, 4)
    assert.match(ran.words, new RegExp(`^Deleted ${gone}\\.\nrivvenctl: [^\n]*(nobody|nowhere)[^\n]*\n$`))
  }
})

test('an empty name, as of a variable that is not set, is refused', async () => {
  for (const argv of [
    ['consume', ''],
    ['produce', '', 'x'],
    ['topic', 'delete', 't', ''],
    ['group', 'lag', ''],
  ]) {
    const ran = await rivvenctl(argv)
    assert.deepEqual([ran.status, /It must not be empty\./.test(ran.words)], [2, true], ran.words)
  }
})

test('flags that say opposite things are refused', async () => {
  for (const line of [
    'produce t x -f file',
    'produce t -k key -s :',
    'produce t --whole-file',
    'group explain g -o csv',
    'consume t -g a --group-id b',
  ])
    assertPlainFailure(await rivvenctl(line.split(' ')), /leave one out|needs --file|no rows/, 2)
})

test('each line of ndjson is one object', async () => {
  await using s = await scene()
  await s.topicWith('t', 2, 1)
  await s.member('g', 't')
  const lines = (await s.data('group describe g --state --members --offsets -o ndjson')).trimEnd().split('\n')
  assert.equal(lines.length, 4)
  for (const line of lines) assert.equal(typeof JSON.parse(line), 'object')
})

test('the version is that of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../../packages/cli/package.json', import.meta.url), 'utf8'))
  const ran = await rivvenctl(['--version'])
  assert.deepEqual([ran.status, ran.out], [0, `${version}\n`])
})
