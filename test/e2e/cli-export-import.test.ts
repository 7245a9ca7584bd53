import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Admin } from '@rivven/client'
import { assertPlainFailure, scene } from './cli-scene.js'

type Scene = Awaited<ReturnType<typeof scene>>

/** Two groups with offsets, of which one has metadata. */
async function neighbourhood() {
  const s = await scene()
  const folder = await mkdtemp(join(tmpdir(), 'rivven-cli-'))
  await s.topicWith('t', 2, 9)
  const admin = new Admin({ bootstrapServers: s.bootstrapServers })
  await admin.alterGroupOffsets('g', [
    { topic: 't', partition: 0, offset: 3, metadata: 'by hand' },
    { topic: 't', partition: 1, offset: 4 },
  ])
  await admin.alterGroupOffsets('#other, too', [{ topic: 't', partition: 1, offset: 5 }])
  return {
    ...s,
    admin,
    path: join(folder, 'offsets'),
    async write(content: string): Promise<string> {
      await writeFile(this.path, content)
      return this.path
    },
    async [Symbol.asyncDispose]() {
      await admin.close()
      await s[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

async function committed(admin: Admin, group: string): Promise<string[]> {
  const offsets = await admin.listGroupOffsets(group)
  return offsets.map(({ partition, offset, metadata }) => `${partition}=${offset} ${metadata}`.trim()).sort()
}

test('one group is written as Kafka writes it, several with their names in front', async () => {
  await using s = await neighbourhood()
  assert.equal(await s.data('group export g'), 't,0,3\nt,1,4\n')
  assert.equal(await s.data('group export --all'), '"#other, too",t,1,5\ng,t,0,3\ng,t,1,4\n')
  assert.equal(
    await s.data(['group', 'export', 'g', '#other, too', '-o', 'csv']),
    'group,topic,partition,offset,metadata\ng,t,0,3,by hand\ng,t,1,4,\n"#other, too",t,1,5,\n',
  )
  assert.deepEqual(JSON.parse(await s.data('group export g -o json'))[0], {
    ...{ group: 'g', topic: 't', partition: 0, offset: 3, metadata: 'by hand' },
  })
  assertPlainFailure(await s.run('group export nobody'), /There is no group "nobody"/, 4)
  assertPlainFailure(await s.run('group export'), /Which groups\?/, 2)
})

for (const format of ['csv', 'json', null] as const) {
  test(`what was exported as ${format ?? 'lines'} is imported again, of all groups at once`, async () => {
    await using s = await neighbourhood()
    const file = await s.write(await s.data(['group', 'export', '--all', ...(format ? ['-o', format] : [])]))
    await s.data('group reset-offsets g -t t --to-latest')
    await s.data(['group', 'delete', '#other, too'])
    const ran = await s.run(['group', 'import', file, '--create'])
    assert.equal(ran.status, 0, ran.words)
    assert.match(ran.out, /^GROUP +TOPIC +PARTITION +OLD-OFFSET +NEW-OFFSET\n#other, too +t +1 +- +5\ng +t +0 +9 +3\n/)
    assert.match(ran.words, /^There is no group "#other, too" yet: this makes it\.\n#other, too: Done\. To undo it:\n/)
    assert.deepEqual(await committed(s.admin, 'g'), [format === null ? '0=3' : '0=3 by hand', '1=4'])
    assert.deepEqual(await committed(s.admin, '#other, too'), ['1=5'])
  })
}

test('an import is planned first, asked about, and done for some groups only', async () => {
  await using s = await neighbourhood()
  const file = await s.write('group,topic,partition,offset\ng,t,0,7\nh,t,0,8\n')
  const dry = await s.run(['group', 'import', file, '--group', 'g', '--dry-run'])
  assert.deepEqual(
    [dry.out, dry.words],
    [
      'TOPIC  PARTITION  OLD-OFFSET  NEW-OFFSET\nt      0          3           7\n',
      'Nothing was changed (--dry-run).\n',
    ],
  )
  const no = await s.run(['group', 'import', file, '--create'], { isInteractive: true, lines: ['n'] })
  assert.equal(no.status, 3, no.words)
  assert.deepEqual(await committed(s.admin, 'h'), [])
  assertPlainFailure(await s.run(['group', 'import', file]), /There is no group "h".*--create/, 4)
  assert.deepEqual(await committed(s.admin, 'g'), ['0=3 by hand', '1=4'], 'all or nothing')
  assert.equal((await s.run(['group', 'import', file, '-g', 'g'])).status, 0)
  assert.deepEqual(await committed(s.admin, 'g'), ['0=7', '1=4'])
  assertPlainFailure(await s.run(['group', 'import', file, '-g', 'nobody']), /holds no offsets for nobody/, 2)
})

test('a file that names no group needs one named', async () => {
  await using s = await neighbourhood()
  const file = await s.write('t,0,1\n')
  assertPlainFailure(await s.run(['group', 'import', file]), /does not say of which group .* --group/, 2)
  assert.equal((await s.run(['group', 'import', '-', '-g', 'g'], { lines: ['t,0,1'], isInteractive: true })).status, 0)
  assert.deepEqual(await committed(s.admin, 'g'), ['0=1', '1=4'])
})

test('offsets are taken from another group, in some topics or in all', async () => {
  await using s = await neighbourhood()
  await s.data('group reset-offsets new --create --from-group g')
  assert.deepEqual(await committed(s.admin, 'new'), ['0=3 by hand', '1=4'])
  const some = await s.run(['group', 'reset-offsets', 'new', '-t', 't', '--from-group', '#other, too'])
  assert.match(some.words, /^t\/0 stays as it is: nothing is committed there to go by\./)
  assert.deepEqual(await committed(s.admin, 'new'), ['0=3 by hand', '1=5'])
  assertPlainFailure(await s.run('group reset-offsets new --from-group nobody'), /"nobody" has committed nothing/, 4)
})

async function leaving(s: Scene) {
  const member = await s.member('busy', 't')
  return { member, wait: (time: string) => s.run(`group reset-offsets busy -t t --to-latest --wait-empty ${time}`) }
}

test('members are waited for, where one asks, and named if they do not leave', async () => {
  await using s = await scene()
  await s.topicWith('t', 1, 3)
  const { member, wait } = await leaving(s)
  const stayed = await wait('50ms')
  assert.equal(stayed.status, 5)
  assert.match(
    stayed.words,
    /^Waiting up to 50 ms for worker to leave\.\nrivvenctl: Group "busy" \(Stable\) has 1 member \(worker\): stop it/,
  )
  const waiting = wait('5m')
  await member.close()
  assert.equal((await waiting).status, 0)
})
