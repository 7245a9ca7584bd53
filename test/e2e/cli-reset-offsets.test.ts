import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Producer } from '@rivven/client'
import { assertPlainFailure, cells, scene } from './cli-scene.js'

type Scene = Awaited<ReturnType<typeof scene>>

/** Committed offsets of the group, as `topic/partition=offset`. */
async function committed(s: Scene, group: string): Promise<string[]> {
  return cells(await s.data(`group lag ${group}`)).map(
    ([topic, partition, offset]) => `${topic}/${partition}=${offset}`,
  )
}

/** Lines of a here-document, as a shell would hand them in. */
function hereDocument(words: string): { command: string[]; lines: string[] } {
  const [, command, lines] = /rivvenctl (.+) <<'END'\n([\s\S]*)END\n/.exec(words)!
  return { command: command!.split(' '), lines: lines!.trimEnd().split('\n') }
}

test('offsets shift from where they are, kept within the log, with a note', async () => {
  await using s = await scene()
  await s.topicWith('t', 2, 5)
  await s.data('consume t --group g --from-beginning -n 10')
  await s.data('group reset-offsets g -t t:0 --shift-by -2')
  assert.deepEqual(await committed(s, 'g'), ['t/0=3', 't/1=5'])
  const far = await s.run('group reset-offsets g -t t --shift-by -4')
  assert.match(far.out, /NEW-OFFSET +NOTE\nt +0 +3 +0 +-1 is before the first record\nt +1 +5 +1 +-\n/)
  assert.deepEqual(await committed(s, 'g'), ['t/0=0', 't/1=1'])
  await s.data('group reset-offsets g -t t --shift-by 1')
  assert.deepEqual(await committed(s, 'g'), ['t/0=1', 't/1=2'])
})

test('what has no offset is not shifted', async () => {
  await using s = await scene()
  await s.topicWith('t', 2, 5)
  await s.data('group reset-offsets g --create -t t:0 --to-offset 2')
  const ran = await s.run('group reset-offsets g -t t --shift-by 1')
  assert.match(ran.words, /^t\/1 stays as it is: nothing is committed there/)
  assert.deepEqual(await committed(s, 'g'), ['t/0=3'])
  assertPlainFailure(
    await s.run('group reset-offsets h --create -t t --shift-by 1'),
    /has no offsets there to shift from/,
  )
})

test('offsets go to a time: the first record since then, the end where there is none', async () => {
  await using s = await scene()
  await s.data('topic create t --partitions 2')
  const producer = new Producer({ bootstrapServers: s.bootstrapServers })
  const day = Date.UTC(2026, 0, 31)
  for (const hour of [1, 2, 3])
    await producer.send({ topic: 't', partition: 0, value: `${hour}`, timestamp: day + hour * 3_600_000 })
  await producer.send({ topic: 't', partition: 1, value: 'old', timestamp: day - 1 })
  await producer.send({ topic: 't', partition: 1, value: 'now' })
  await producer.close()

  const reset = (...words: string[]) => s.run(['group', 'reset-offsets', 'g', '-t', 't', ...words])
  assert.equal((await reset('--create', '--to-datetime', '2026-01-31T01:30:00Z')).status, 0)
  assert.deepEqual(await committed(s, 'g'), ['t/0=1', 't/1=1'])
  await reset('--to-datetime', '2026-01-31T04:00+02:00')
  assert.deepEqual(await committed(s, 'g'), ['t/0=1', 't/1=1'])
  await reset('--to-datetime', '2026-01-31 02:30')
  assert.deepEqual(await committed(s, 'g'), ['t/0=2', 't/1=1'])
  const duration = await reset('--by-duration', 'PT1H')
  assert.match(duration.out, /t +0 +2 +3 +no record since then: latest\n/)
  assert.deepEqual(await committed(s, 'g'), ['t/0=3', 't/1=1'])
  assert.equal((await reset('--by-duration', '36500d')).status, 0)
  assert.deepEqual(await committed(s, 'g'), ['t/0=0', 't/1=0'])

  for (const [flag, word] of [
    ['--to-datetime', 'yesterday'],
    ['--by-duration', '1 fortnight'],
  ] as const) {
    const ran = await reset(flag, word)
    assert.equal(ran.status, 2)
    assert.match(ran.words, /is written as/)
  }
})

test('several topics, or all that the group has read, move together', async () => {
  await using s = await scene()
  for (const topic of ['a', 'b', 'c']) {
    await s.topicWith(topic, 1, 4)
    if (topic !== 'c') await s.data(`consume ${topic} --group g --from-beginning -n 4`)
  }
  await s.data('group reset-offsets -t a -t b:0 g --to-offset 1')
  assert.deepEqual(await committed(s, 'g'), ['a/0=1', 'b/0=1'])
  await s.data('group reset-offsets g --all-topics --to-latest')
  assert.deepEqual(await committed(s, 'g'), ['a/0=4', 'b/0=4'])
  const export_ = await s.data('group reset-offsets g --all-topics --to-current --dry-run -o csv')
  assert.equal(export_, 'topic,partition,oldOffset,newOffset,note\na,0,4,4,\nb,0,4,4,\n')
  await s.data('topic delete b')
  await s.data('group reset-offsets g --all-topics --to-earliest')
  assert.deepEqual((await committed(s, 'g'))[0], 'a/0=0')

  for (const words of ['--to-latest', '-t a --all-topics --to-latest']) {
    assertPlainFailure(await s.run(`group reset-offsets g ${words}`), /--topic T .* or --all-topics/, 2)
  }
  assertPlainFailure(await s.run('group reset-offsets g -t a -t c --partition 0 --to-latest'), /orders:0,1/, 2)
  assertPlainFailure(await s.run('group reset-offsets g -t a:x --to-latest'), /no topic with partitions/, 2)
  assertPlainFailure(await s.run('group reset-offsets g -t a --to-latest --shift-by 1'), /Say where to, once/, 2)
  assertPlainFailure(await s.run('group reset-offsets nobody --create --all-topics --to-latest'), /has no offsets/)
})

test('a file says where offsets go, as Kafka exports them, as CSV with titles or as JSON', async () => {
  await using s = await scene()
  await s.topicWith('t', 2, 5)
  const folder = await mkdtemp(join(tmpdir(), 'rivven-cli-'))
  const from = async (content: string, ...words: string[]) => {
    await writeFile(join(folder, 'offsets'), content)
    return s.run(['group', 'reset-offsets', 'g', '--from-file', join(folder, 'offsets'), ...words])
  }
  assert.match((await from('t,0,1\nt,1,2\n', '--create')).words, /^There is no group "g" yet: this makes it\.\n/)
  assert.deepEqual(await committed(s, 'g'), ['t/0=1', 't/1=2'])
  await from('other,t,0,5\n"g",t,0,3\n')
  assert.deepEqual(await committed(s, 'g'), ['t/0=3', 't/1=2'])
  await from('topic,partition,oldOffset,newOffset,note\nt,1,2,4,\n')
  assert.deepEqual(await committed(s, 'g'), ['t/0=3', 't/1=4'])
  await from('[{"topic":"t","partition":0,"offset":0},{"topic":"t","partition":1,"offset":999}]')
  assert.deepEqual(await committed(s, 'g'), ['t/0=0', 't/1=5'])
  await from('t,1,none\n')
  assert.deepEqual(await committed(s, 'g'), ['t/0=0'])

  assertPlainFailure(await from('t,0\n'), /line 1: it is not of the form topic,partition,offset/, 2)
  assertPlainFailure(await from('t,0,1\nt,0,2\n'), /names t\/0 twice/, 2)
  assertPlainFailure(await from(''), /holds no offsets/, 2)
  assertPlainFailure(await from('{"a":'), /is no JSON/, 2)
  assertPlainFailure(await from('nowhere,0,1\n'), /nowhere.*UNKNOWN_TOPIC_OR_PARTITION/, 4)
  assertPlainFailure(await from('t,0,1\n', '--topic', 't'), /names its partitions itself/, 2)
  assertPlainFailure(await s.run('group reset-offsets g --from-file /nowhere/at-all'), /cannot be read/, 2)
  await rm(folder, { recursive: true })
})

test('the undo that is printed brings back what was, also where nothing was', async () => {
  await using s = await scene()
  await s.topicWith('t', 2, 5)
  await s.data('group reset-offsets g --create -t t:0 --to-offset 3')
  const done = await s.run('group reset-offsets g -t t --to-latest')
  assert.deepEqual(await committed(s, 'g'), ['t/0=5', 't/1=5'])
  const undo = hereDocument(done.words)
  assert.deepEqual(undo.lines, ['t,0,3', 't,1,none'])
  const undone = await s.run(undo.command, { lines: undo.lines })
  assert.equal(undone.status, 0, undone.words)
  assert.deepEqual(await committed(s, 'g'), ['t/0=3'])
  assert.match((await s.run('group reset-offsets g -t t:0 --to-offset 3')).words, /^Nothing to change/)
})

test('a person is asked first, and only yes changes something', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 5)
  const reset = (answer: string[], ...words: string[]) =>
    s.run(['group', 'reset-offsets', 'g', '--create', '-t', 't', '--to-latest', ...words], {
      lines: answer,
      isInteractive: true,
    })
  const no = await reset(['n'])
  assert.equal(no.status, 3)
  assert.match(no.out, /NEW-OFFSET\nt +0 +- +5\n/)
  assert.match(no.words, /Change these offsets\? \[y\/N\] rivvenctl: Nothing was changed\.\n$/)
  assert.equal((await reset([])).status, 3)
  assert.equal((await reset(['y'])).status, 0)
  assert.deepEqual(await committed(s, 'g'), ['t/0=5'])
  assert.doesNotMatch((await reset([], '--yes')).words, /\?/)
  assertPlainFailure(await s.run('group reset-offsets g -t t --to-latest --dry-run --execute'), /opposite things/, 2)
})

test('a mistyped group is told, and not made, unless --create says so', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 5)
  for (const line of ['-t t --to-latest', '-t t --to-latest --dry-run', '--all-topics --to-latest', '--from-file -'])
    assertPlainFailure(
      await s.run(`group reset-offsets oders ${line}`, { lines: ['t,0,1'] }),
      /There is no group "oders"\. `rivvenctl group list` shows which there are; --create makes one/,
      4,
    )
  assert.deepEqual(cells(await s.data('group list')), [])
  const dry = await s.run('group reset-offsets orders -t t --to-latest --create --dry-run')
  assert.match(dry.words, /^There is no group "orders" yet: this makes it\.\nNothing was changed/)
  await s.data('group reset-offsets orders -t t --to-latest --create')
  assert.deepEqual(await committed(s, 'orders'), ['t/0=5'])
  await s.data('group reset-offsets orders -t t --to-earliest')
  assert.deepEqual(await committed(s, 'orders'), ['t/0=0'])
})

test('a group with members can be looked at with a dry run, and static members are pointed out', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 5)
  await s.member('g', 't', 'worker', { groupInstanceId: 'worker-0' })
  const dry = await s.run('group reset-offsets g -t t --to-latest --dry-run')
  assert.equal(dry.status, 0)
  assert.match(dry.words, /It would be refused now: Group "g" \(Stable\) has 1 member \(worker-0\): stop it first/)
  assertPlainFailure(
    await s.run('group reset-offsets g -t t --to-latest'),
    /A static member stays .*remove-member g --instance-id/,
    5,
  )
})
