import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Admin, type Consumer, RivvenError } from '@rivven/client'
import { eventually } from '../support/eventually.js'
import { assertPlainFailure, cells, scene } from './cli-scene.js'
import { rivvenctl } from './rivvenctl.js'

type Scene = Awaited<ReturnType<typeof scene>>

/** A group with one member that goes on reading, at the end of a topic with two partitions. */
async function reading() {
  const s = await scene()
  await s.topicWith('t', 2, 5)
  const member = await s.member('g', 't', 'worker', { heartbeatIntervalMs: 50 })
  const seen: number[] = []
  let isOver = false
  const loop = (async () => {
    while (!isOver) for (const { offset } of await member.poll(20)) seen.push(offset)
  })()
  // What came before it owned both partitions was read, too.
  const positions = () => Promise.all([0, 1].map((partition) => member.position({ topic: 't', partition })))
  await eventually(async () => assert.deepEqual(await positions(), [5, 5]))
  seen.length = 0
  await member.commit()
  return {
    ...s,
    seen,
    worker: member,
    async [Symbol.asyncDispose]() {
      isOver = true
      await loop
      await s[Symbol.asyncDispose]()
    },
  }
}

async function committed(s: Scene, group = 'g'): Promise<string[]> {
  return cells(await s.data(`group lag ${group}`)).map(([, partition, offset]) => `${partition}=${offset}`)
}

/** As brokers of Apache Kafka, which do not know the call. */
function asOnKafka(t: TestContext): void {
  t.mock.method(Admin.prototype, 'call', async () => {
    throw new RivvenError('UNSUPPORTED_BY_BROKER', 'The broker does not know this.')
  })
}

/** What is pasted to take a reset back. */
function printedIn(words: string): string[] {
  return /To undo it: `rivvenctl (.*)`\n$/.exec(words)?.[1]?.split(' ') ?? []
}

async function isBack(member: Consumer): Promise<void> {
  await eventually(() => assert.equal(member.assignment().length, 2))
}

test('members hand over, read again from the new offsets, and the reset is undone and done again', async () => {
  await using s = await reading()
  const done = await s.run('group reset-offsets g -t t --to-offset 3 --live --reason because')
  assert.equal(done.status, 0, done.words)
  assert.match(done.out, /OLD-OFFSET +NEW-OFFSET\nt +0 +5 +3\nt +1 +5 +3\n/)
  assert.match(
    done.words,
    /^Waiting for 1 member to hand over, 30 s at most\.\nDone\. 1 member handed over\. To undo it: /,
  )
  await eventually(() => assert.deepEqual([...s.seen].sort(), [3, 3, 4, 4]))
  const listed = await s.data('group snapshots g')
  assert.match(
    listed,
    /^ID +TIME +BY +FROM +TOOL +HOW +PARTITIONS +UNDONE-BY +REASON\n1 .* rivvenctl +handed over +2 +- +because\n$/,
  )
  assert.deepEqual(printedIn(done.words), ['group', 'undo', 'g', '1', '--live', '-b', s.bootstrapServers])
  const undone = await rivvenctl(printedIn(done.words))
  assert.deepEqual(printedIn(undone.words).slice(0, 5), ['group', 'undo', 'g', '2', '--live'])
  assert.match(undone.out, /t +0 +[35] +5\n/)
  const [second, first] = JSON.parse(await s.data('group snapshots g -o json'))
  assert.deepEqual([first.undoneBy, second.undoes, second.changes[0].newOffset], [2, 1, 5])
})

test('a live reset is shown first, and asked about', async () => {
  await using s = await reading()
  const dry = await s.run('group reset-offsets g -t t --to-earliest --live --dry-run')
  assert.deepEqual([dry.status, dry.words], [0, 'Nothing was changed (--dry-run).\n'])
  const no = await s.run('group reset-offsets g -t t --to-earliest --live', { isInteractive: true, lines: ['n'] })
  assert.equal(no.status, 3, no.words)
  const refused = await s.run('group reset-offsets g -t t --to-earliest --reason x')
  assertPlainFailure(refused, /has 1 member \(worker\): stop it first/, 5)
  assert.match((await s.run('group undo g --dry-run')).words, /no snapshot of the group g/)
  assert.deepEqual(await committed(s), ['0=5', '1=5'])
  assertPlainFailure(await s.run('group reset-offsets g -t t --to-latest --handover 5s'), /goes with --live/, 2)
  assertPlainFailure(await s.run('group undo g --live --wait-empty 5s'), /leave it out, or --wait-empty/, 2)
})

test('members that get no time are put out, and named', async () => {
  await using s = await reading()
  const done = await s.run('group reset-offsets g -t t:0 --to-earliest --live --handover 0')
  assert.match(done.words, /^Done\. worker was put out, and has to join again\. To undo it: /)
  await isBack(s.worker)
})

test('a file, another group and a snapshot are targets of a live reset as well', async () => {
  await using s = await reading()
  await s.data('group reset-offsets g --from-file - --live', { lines: ['t,0,1', 't,1,none'] })
  await s.data('group reset-offsets other --create -t t --to-offset 2 --reason first')
  await s.data('group reset-offsets g --from-group other --live')
  const snapshots = JSON.parse(await s.data('group snapshots g -o json')) as { changes: { newOffset: number }[] }[]
  assert.deepEqual(
    snapshots.map(({ changes }) => changes.map(({ newOffset }) => newOffset)),
    [
      [2, 2],
      [1, null],
    ],
  )
  const ran = await s.run('group reset-offsets g --from-snapshot 1 --live')
  assert.match(ran.out, /t +0 +\d +5\nt +1 +\d +5\n/, ran.words)
  assertPlainFailure(await s.run('group reset-offsets g --from-snapshot 9'), /no snapshot 9/, 4)
  assertPlainFailure(await s.run('group reset-offsets g -t t --from-snapshot 1'), /names its partitions itself/, 2)
})

test('a group that was deleted comes back', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 5)
  await s.data('group reset-offsets g --create -t t --to-offset 2')
  await s.data('group delete g')
  const undone = await s.run('group undo g')
  assert.match(undone.words, /^There is no group "g" yet: this makes it\.\nDone\. To undo it: /)
  assert.deepEqual(await committed(s), ['0=2'])
})

test('on Apache Kafka members are taken out, and offsets are set before they are back', async (t) => {
  await using s = await reading()
  asOnKafka(t)
  const asked = await s.run('group reset-offsets g -t t --to-offset 3 --live')
  assertPlainFailure(
    asked,
    /cannot let members hand over: --live takes them out .*\(worker\).*--handover 0; .*--wait-empty 60s/,
    5,
  )
  const done = await s.run('group reset-offsets g -t t --to-offset 3 --live --handover 0')
  assert.equal(done.status, 0, done.words)
  assert.match(
    done.words,
    /^Done: worker had to leave, and join again\. To undo it:\n.* --from-file - --live --handover 0 /,
  )
  await isBack(s.worker)
  await eventually(() => assert.deepEqual([...s.seen].sort(), [3, 3, 4, 4]))
  assertPlainFailure(await s.run('group undo g'), /no brokers of Rivven: they keep no snapshots/)
  assertPlainFailure(await s.run('group snapshots g'), /no brokers of Rivven: they keep no snapshots/)
})

test('on Apache Kafka members that are back faster each time keep their offsets', async (t) => {
  await using s = await reading()
  asOnKafka(t)
  let tries = 0
  t.mock.method(Admin.prototype, 'alterGroupOffsets', async () => {
    tries += 1
    throw new RivvenError('UNKNOWN_MEMBER_ID', 'A member is there.')
  })
  const ran = await s.run('group reset-offsets g -t t --to-offset 3 --live --handover 0')
  assert.equal(ran.status, 5, ran.words)
  assert.match(ran.words, /back before its offsets were set, each of 10 times\. They read on where they were\.\n$/)
  assert.equal(tries, 10)
  assert.deepEqual(await committed(s), ['0=5', '1=5'])
})

test('on Apache Kafka a member that was faster once is taken out again', async (t) => {
  await using s = await reading()
  asOnKafka(t)
  const { alterGroupOffsets } = Admin.prototype
  let tries = 0
  t.mock.method(
    Admin.prototype,
    'alterGroupOffsets',
    function (this: Admin, ...given: Parameters<typeof alterGroupOffsets>) {
      tries += 1
      if (tries === 1) throw new RivvenError('ILLEGAL_GENERATION', 'A member is there.')
      return alterGroupOffsets.apply(this, given)
    },
  )
  const ran = await s.run('group reset-offsets g -t t --to-offset 3 --live --handover 0')
  assert.deepEqual([ran.status, tries], [0, 2], ran.words)
  await isBack(s.worker)
})

test('the command that takes a reset back is right for a name like a flag, and writes no controls to the terminal', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 5)
  for (const group of ['-g', 'a\u001b[31m\u202e']) {
    const { words } = await s.run([...'group reset-offsets -t t --to-latest --live --create --'.split(' '), group])
    assert.doesNotMatch(words.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
    if (group === '-g') assert.equal((await rivvenctl(printedIn(words))).status, 0)
    else assert.match(words, /'a\\x1b\[31m\\U0000202e'/)
  }
})

test('a group of which nobody is left is not said to need nobody', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 5)
  const member = await s.member('g', 't')
  await member.close()
  await eventually(async () => assert.match(await s.data('group explain g'), /has no members: nobody reads for it/))
  assert.doesNotMatch(await s.data('group explain g'), /Nothing of this needs you/)
})
