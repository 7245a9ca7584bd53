import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { scene } from './cli-scene.js'

/** Commands by the exit status that they end with, in a cluster with the topic `t` (two partitions) and the group `g` (one member). */
const byStatus: Readonly<Record<number, readonly string[]>> = {
  0: [
    ...[
      'topic list',
      'topic describe t',
      'produce t x',
      'consume t --from-beginning -n 1',
      'group list',
      'group describe g',
    ],
    ...['group lag g', 'group timeline g', 'group reset-offsets g -t t --to-latest --dry-run', 'transaction list'],
    ...['cluster describe', 'user list', 'acl list', 'quota list', '--version', '--help', 'group --help'],
  ],
  1: ['topic create t', 'topic alter t -p 1', 'group reset-offsets n --create -t t --shift-by 1'],
  2: [
    ...[
      'topic lsit',
      'topic alter t',
      'produce t x -f file',
      'consume t -g a --partition 0',
      'group lag',
      'group lag g --nope',
    ],
    ...['group reset-offsets g -t t', 'group remove-member g', 'transaction abort', 'cluster drain x', 'user add a'],
    ...[
      'acl allow',
      'acl explain --principal x --operation read --topic t',
      'quota set --user a',
      'topic list --config /none',
    ],
  ],
  3: ['group reset-offsets e -t t --to-earliest', 'acl remove --principal User:a'],
  4: [
    ...[
      'topic describe n',
      'topic alter n -p 3',
      'topic delete n',
      'produce t x -p 7',
      'consume n',
      'consume t --partition 7',
    ],
    ...[
      'consume t --offset 99',
      'group describe n',
      'group lag n',
      'group explain n',
      'group timeline n',
      'group delete n',
    ],
    ...[
      'group reset-offsets n -t t --to-latest',
      'group reset-offsets e -t n --to-latest',
      'group remove-member g --member-id x',
    ],
    ...['transaction describe n', 'transaction abort n', 'transaction abort --topic t --partition 0 --producer-id 7'],
    ...['user passwd n', 'user delete n', 'acl remove --principal User:n', 'quota remove --user n', 'cluster drain 7'],
  ],
  5: ['group reset-offsets g -t t --to-latest', 'group delete g'],
}

test('what came of a command is told by its exit status, in all commands', async () => {
  await using s = await scene({ authorizer_class_name: 'standard', super_users: 'User:ANONYMOUS' })
  await s.topicWith('t', 2, 1)
  await s.member('g', 't')
  await s.data('group reset-offsets e --create -t t --to-latest')
  await s.data('acl allow --principal User:a --operation read --topic t')
  for (const [status, lines] of Object.entries(byStatus)) {
    for (const line of lines) {
      const ran = await s.run(line, { isInteractive: status === '3', lines: ['n'] })
      assert.equal(ran.status, Number(status), `${line}: ${ran.words}`)
    }
  }
})

test('docs/cli.md has a line for each exit status', async () => {
  const text = await readFile(new URL('../../../docs/cli.md', import.meta.url), 'utf8')
  const told = [...text.matchAll(/^\| (\d[\d, ]*) \| /gm)].flatMap(([, numbers]) => numbers!.split(', ').map(Number))
  // Statuses 6 and 7 are in cli-forbidden and cli-unreachable.
  assert.deepEqual(told, [0, 1, 2, 3, 4, 5, 6, 7, 8, 129, 130, 143])
})
