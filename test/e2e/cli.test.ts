import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertPlainFailure, cells, scene } from './cli-scene.js'
import { rivvenctl } from './rivvenctl.js'

test('topics are created, listed, described, altered and deleted', async () => {
  await using s = await scene()
  const created = await s.run('topic create orders --partitions 3 --set retention.ms=86400000')
  assert.deepEqual([created.status, created.out, created.words], [0, '', 'Created topic orders.\n'])
  assert.match((await s.run('topic create orders --if-not-exists')).words, /exists already/)
  const listed = await s.data('topic list')
  assert.match(listed, /^TOPIC +PARTITIONS +REPLICAS\n/)
  assert.deepEqual(cells(listed), [['orders', '3', '1']])

  const described = await s.data('topic describe orders')
  assert.match(described, /^Topic: orders\nId: \S{22}\nPartitions: 3\nConfigs: retention\.ms=86400000\n\nPARTITION/)
  const altered = 'topic alter orders --partitions 5 --set cleanup.policy=compact --unset retention.ms'
  assert.equal((await s.run(altered)).status, 0)
  const after = JSON.parse(await s.data('topic describe orders -o json'))
  assert.equal(after.partitions.length, 5)
  assert.deepEqual(after.configs, [{ name: 'cleanup.policy', value: 'compact' }])

  assert.equal((await s.run('topic delete orders')).words, 'Deleted orders.\n')
  assert.deepEqual(JSON.parse(await s.data('topic list -o json')), [])
  assertPlainFailure(await s.run('topic describe orders'), /orders.*UNKNOWN_TOPIC_OR_PARTITION/, 4)
})

test('rows come as a table, JSON, YAML, CSV or JSON lines', async () => {
  await using s = await scene()
  await s.data('topic create a --partitions 2')
  const row = { topic: 'a', partitions: 2, replicationFactor: 1 }
  const [parsed] = JSON.parse(await s.data('-o json topic list'))
  assert.deepEqual({ ...parsed, topicId: undefined }, { ...row, topicId: undefined })
  assert.equal(JSON.parse(await s.data('topic list -o ndjson')).topic, 'a')
  assert.match(await s.data('topic list -o yaml'), /^- topic: a\n {2}partitions: 2\n/)
  assert.match(await s.data('topic list -o csv'), /^topic,partitions,replicationFactor,topicId\na,2,1,\S{22}\n$/)
  assert.match(await s.data('topic list -o wide'), /^TOPIC +PARTITIONS +REPLICAS +ID\n/)
  const wrong = await s.run('topic list -o xml')
  assert.equal(wrong.status, 2)
  assert.match(wrong.words, /Allowed choices are table, json/)
})

test('produce writes an argument, lines of standard input, or a file', async () => {
  await using s = await scene()
  await s.data('topic create t --partitions 1')
  const one = await s.run(['produce', 't', 'one record', '-k', 'k1', '-H', 'a=1', '-H', 'b=x=y'])
  assert.equal(one.words, 'Written to t, partition 0, offset 0.\n')
  await s.data('produce t', { lines: ['two', 'three'] })
  const keyed = await s.run('produce t -s : --null-value --compression zstd', { lines: ['k2:four:4', 'k3:'] })
  assert.equal(keyed.words, '2 records written to t.\n')
  const folder = await mkdtemp(join(tmpdir(), 'rivven-cli-'))
  await writeFile(join(folder, 'lines.txt'), 'five\nsix\n')
  await s.data(['produce', 't', '--file', join(folder, 'lines.txt'), '--acks', '1'])
  await s.data(['produce', 't', '--file', join(folder, 'lines.txt'), '--whole-file'])
  await rm(folder, { recursive: true })

  const read = await s.data('consume t --from-beginning -n 8 -o ndjson')
  const records = read
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    records.map(({ key, value }) => [key, value]),
    [
      ['k1', 'one record'],
      [null, 'two'],
      [null, 'three'],
      ['k2', 'four:4'],
      ['k3', null],
      [null, 'five'],
      [null, 'six'],
      [null, 'five\nsix\n'],
    ],
  )
  assert.deepEqual(records[0].headers, [
    { key: 'a', value: '1' },
    { key: 'b', value: 'x=y' },
  ])
  assertPlainFailure(await s.run('produce t -s :', { lines: ['no separator'] }), /has no separator ":"/, 2)
  assertPlainFailure(await s.run(['produce', 't', 'x', '-H', 'nothing']), /not of the form name=value/, 2)
  assertPlainFailure(await s.run('produce t --file /nowhere/at-all'), /cannot be read/, 2)
})

test('consume begins where it is told, and ends after so many records or when nothing comes', async () => {
  await using s = await scene()
  await s.topicWith('t', 2, 5)
  const all = await s.data('consume t --from-beginning --max-messages 10')
  assert.deepEqual(all.split('\n').sort(), ['', '0', '0', '1', '1', '2', '2', '3', '3', '4', '4'])
  assert.equal(await s.data('consume t --partition 1 --offset 3 -n 2'), '3\n4\n')
  assert.equal(await s.data('consume t --partition 0 --offset 4 --timeout 300'), '4\n')
  const nothing = await s.run('consume t --timeout 300')
  assert.deepEqual([nothing.status, nothing.out, nothing.words], [0, '', '0 records read.\n'])
  assertPlainFailure(await s.run('consume t --group g --partition 0'), /leave out --partition/, 2)
  assertPlainFailure(await s.run('consume nowhere --from-beginning'), /nowhere.*UNKNOWN_TOPIC_OR_PARTITION/, 4)
})

test('consume writes records in the form that is asked for', async () => {
  await using s = await scene()
  await s.data('topic create t --partitions 1')
  await s.data(['produce', 't', 'say "hi", you', '-k', 'k', '-H', 'h=1'])
  const consume = (...more: string[]) => s.data(['consume', 't', '--from-beginning', '-n', '1', ...more])
  assert.equal(await consume(), 'say "hi", you\n')
  assert.equal(await consume('--format', '%t/%p@%o %k=%v [%h] 100%%\\n'), 't/0@0 k=say "hi", you [h=1] 100%\n')
  const csv = await consume('-o', 'csv')
  assert.match(csv, /^topic,partition,offset,timestamp,key,value\nt,0,0,\d+,k,"say ""hi"", you"\n$/)
  for (const format of ['json', 'ndjson']) {
    const { timestamp, ...record } = JSON.parse(await consume('-o', format))
    assert.ok(timestamp > 1e12)
    const headers = [{ key: 'h', value: '1' }]
    assert.deepEqual(record, { topic: 't', partition: 0, offset: 0, key: 'k', value: 'say "hi", you', headers })
  }
  assert.match(await consume('-o', 'yaml'), /^---\ntopic: t\n/)
  assert.equal(await consume('-o', 'table'), '0\t0\tk\tsay "hi", you\n')
})

test('consume in a group goes on behind what it has written', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 5)
  assert.equal(await s.data('consume t --group g --from-beginning -n 2'), '0\n1\n')
  assert.equal(await s.data('consume t --group g --from-beginning -n 2'), '2\n3\n')
  assert.equal(await s.data('consume t --group g -n 1'), '4\n')
  assert.deepEqual(cells(await s.data('group lag g')), [['t', '0', '5', '5', '0']])
})

test('consume ends when it is stopped, and leaves its group at once', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 3)
  const stop = new AbortController()
  const onOut = (text: string) => text === '2\n' && stop.abort()
  const ran = await s.run('consume t --group g --from-beginning', { stop: stop.signal, onOut })
  assert.deepEqual([ran.status, ran.out, ran.words], [0, '0\n1\n2\n', '3 records read.\n'])
  assert.match(await s.data('group describe g'), /State: Empty\nMembers: 0\n/)
})

test('groups are listed and described with their members and lag', async () => {
  await using s = await scene()
  await s.topicWith('orders', 2, 3)
  const member = await s.member('processors', 'orders')
  await member.commitOffsets([{ topic: 'orders', partition: 0, offset: 2 }])
  assert.deepEqual(cells(await s.data('group list')), [['processors', 'Stable', 'consumer']])

  const described = await s.data('group describe processors')
  const [head, table] = described.split('\n\n')
  assert.equal(
    head,
    `Group: processors\nCoordinator: broker-1 (127.0.0.1:${s.rivven.port})\nState: Stable\nMembers: 1\nAssignor: range`,
  )
  assert.deepEqual(
    cells(table!).map((row) => [...row.slice(0, 5), row.at(-1)]),
    [
      ['orders', '0', '2', '3', '1', 'worker'],
      ['orders', '1', '-', '3', '-', 'worker'],
    ],
  )
  const facts = JSON.parse(await s.data('group describe processors -o json'))
  assert.equal(facts.state, 'Stable')
  assert.equal(facts.members[0].clientId, 'worker')
  assert.equal(facts.partitions[0].lag, 1)

  const lag = await s.data('group lag processors')
  assert.match(lag, /^TOPIC +PARTITION +CURRENT-OFFSET +LOG-END-OFFSET +LAG\n/)
  assert.deepEqual(cells(lag)[0], ['orders', '0', '2', '3', '1'])
})

test('lag is watched until the stop signal', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 3)
  await s.data('consume t --group g --from-beginning -n 1')
  const stop = new AbortController()
  let looks = 0
  const onOut = (text: string) => text.startsWith('TOPIC') && ++looks === 3 && stop.abort()
  const ran = await s.run('group lag g --watch --interval 20', { stop: stop.signal, onOut })
  assert.equal(ran.status, 0)
  assert.equal(looks, 3)
  assert.equal(ran.out.split('\n\n').length, 3)
})

test('offsets of a group are reset to the ends or to an offset within them, and a dry run changes nothing', async () => {
  await using s = await scene()
  await s.topicWith('t', 2, 5)
  await s.data('consume t --group g --from-beginning -n 10')
  const offsets = async () => cells(await s.data('group lag g')).map((row) => Number(row[2]))
  const reset = (words: string) => s.run(`group reset-offsets g --topic t ${words}`)

  const dry = await reset('--to-earliest --dry-run')
  assert.match(dry.out, /^TOPIC +PARTITION +OLD-OFFSET +NEW-OFFSET\n/)
  assert.deepEqual(cells(dry.out), [
    ['t', '0', '5', '0'],
    ['t', '1', '5', '0'],
  ])
  assert.match(dry.words, /Nothing was changed/)
  assert.deepEqual(await offsets(), [5, 5])

  const done = await reset('--to-earliest')
  assert.match(
    done.words,
    /To undo it:\nrivvenctl group reset-offsets g --from-file - -b \S+ <<'END'\nt,0,5\nt,1,5\nEND\n$/,
  )
  assert.deepEqual(await offsets(), [0, 0])
  await reset('--to-latest --partition 1')
  assert.deepEqual(await offsets(), [0, 5])
  await reset('--to-offset 3')
  assert.deepEqual(await offsets(), [3, 3])
  await reset('--to-offset 999')
  assert.deepEqual(await offsets(), [5, 5])
  assertPlainFailure(await reset('--to-latest --to-earliest'), /one of --to-earliest, --to-latest/, 2)
  assertPlainFailure(await reset('--to-latest --partition 7'), /has no partition 7/, 4)
})

test('a group with members is neither reset nor deleted', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 3)
  const member = await s.member('g', 't')
  const reset = await s.run('group reset-offsets g --topic t --to-earliest')
  assertPlainFailure(reset, /\(Stable\) has 1 member \(worker\): stop it first/, 5)
  assertPlainFailure(await s.run('group delete g'), /NON_EMPTY_GROUP/, 5)
  await member.close()
  assert.equal((await s.run('group delete g')).words, 'Deleted g.\n')
  assert.deepEqual(cells(await s.data('group list')), [])
})

test('an unknown group is said to be unknown', async () => {
  await using s = await scene()
  for (const command of ['describe', 'lag'])
    assertPlainFailure(await s.run(`group ${command} nobody`), /There is no group "nobody"/, 4)
  assertPlainFailure(await s.run('group delete nobody'), /nobody.*GROUP_ID_NOT_FOUND/, 4)
})

test('a command line that makes no sense is refused with status 2, and help is no error', async () => {
  for (const line of ['topics', 'topic create', 'group lag g --interval soon', 'topic list --everything']) {
    const ran = await rivvenctl(line.split(' '))
    assert.equal(ran.status, 2, line)
    assert.match(ran.words, /^error: /)
  }
  const help = await rivvenctl(['--help'])
  assert.equal(help.status, 0)
  assert.match(help.out, /Usage: rivvenctl/)
})
