import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { allPages, linesOf } from '../docs/pages.js'
import { eventually } from '../support/eventually.js'
import { scene } from './cli-scene.js'
import type { RunOptions } from './rivvenctl.js'

/** Commands of README and docs: lines of their shell blocks, and the first cells of the tables of docs/cli.md. */
async function documented(): Promise<string[]> {
  const pages = await allPages()
  const lines = pages.flatMap(({ blocks }) => blocks.filter(({ language }) => language === 'sh').flatMap(linesOf))
  const { text } = pages.find(({ name }) => name === 'docs/cli.md')!
  const cells = [...text.matchAll(/^\| `(rivvenctl [^`]+)` \|/gm)].map(([, command]) => command!)
  const commands = [...lines, ...cells].map((line) => line.replace(/^npx rivvenctl/, 'rivvenctl'))
  return [...new Set(commands.filter((line) => /^(cat \S+ \| )?rivvenctl /.test(line)))]
}

interface Line {
  argv: string[]
  /** `cat FILE |` */
  input: string | null
  /** `> FILE` */
  output: string | null
}

function parse(line: string): Line {
  const [, input = null, command, output = null] = /^(?:cat (\S+) \| )?rivvenctl (.*?)(?: > (\S+))?$/.exec(line)!
  const words = command!.match(/"[^"]*"|'[^']*'|\S+/g) ?? []
  return { argv: words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2')), input, output }
}

/** What the commands speak of: two topics, a group that has read a part of them and lost a member, files. */
async function neighbourhood() {
  // Nobody has to log in, and ACLs can be looked after.
  const s = await scene({ authorizer_class_name: 'standard', super_users: 'User:ANONYMOUS' })
  const folder = await mkdtemp(join(tmpdir(), 'rivven-docs-'))
  await s.topicWith('orders', 6, 30)
  await s.topicWith('payments', 1, 30)
  await s.data('group reset-offsets order-processors --create -t orders -t payments --to-offset 10')
  const gone = await s.member('order-processors', 'orders', 'order-processor', { groupInstanceId: 'order-processor-3' })
  await gone.close()
  const files = {
    'orders.ndjson': '{"order":1}\n{"order":2}\n',
    'orders.txt': 'key:value\n',
    'invoice.xml': '<invoice/>',
    'offsets.csv': 'orders,0,1\n',
    'all.json': '[{"group":"order-processors","topic":"orders","partition":0,"offset":1,"metadata":""}]',
    'alice.password': 'pencil-secret\n',
    'rivven.yaml': `consumer:\n  bootstrap_servers: ${s.bootstrapServers}\n  group_id: order-processors\n`,
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return {
    s,
    inFolder: (word: string) => (word in files ? join(folder, word) : word),
    async [Symbol.asyncDispose]() {
      await s[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

/** What must be so before a command makes sense. */
async function prepare({ s }: Awaited<ReturnType<typeof neighbourhood>>, argv: readonly string[]): Promise<void> {
  const [noun, verb] = argv
  if (noun === 'topic' && verb === 'create') await s.data('topic delete orders')
  if (noun === 'produce' && argv[1] === 'files') await s.data('topic create files')
  // A rebalance is recorded a moment after it ended.
  if (verb === 'timeline' || verb === 'explain')
    await eventually(async () => void (await s.data('group timeline order-processors')))
  if (noun === 'user' && verb !== 'add') await s.data('user add alice --password-file -', { lines: ['pencil-secret'] })
  if (noun === 'acl' && verb === 'remove') {
    await s.data('acl allow --consumer --principal User:alice --topic orders --group billing')
    await s.data('acl deny --principal User:alice --operation delete --topic orders')
  }
  if (noun === 'quota' && verb === 'remove') await s.data('quota set --user alice producer_byte_rate=1048576')
  if (verb === 'undo')
    await s.data('group reset-offsets order-processors -t payments --to-earliest --live --handover 0')
  const needsNobody = noun === 'group' && ['reset-offsets', 'import', 'delete'].includes(verb!)
  if (needsNobody) await s.run('group remove-member order-processors --instance-id order-processor-3')
}

/** One on which nobody presses a key. */
function screenOf(write: () => void): NonNullable<RunOptions['screen']> {
  return { size: () => ({ columns: 80, rows: 20 }), write, listen: () => () => undefined }
}

describe('every command of README and docs works as written', async () => {
  // Transactions need a producer that has one: cli-transactions.test.ts. Brokers are drained where there are others: cluster/.
  const elsewhere = /^rivvenctl (transaction|cluster (un)?drain) /
  const lines = (await documented()).filter((line) => !elsewhere.test(line))
  assert.ok(lines.length > 30)
  for (const line of lines) {
    test(line, async () => {
      await using place = await neighbourhood()
      const { argv, input } = parse(line)
      await prepare(place, argv)
      const lines = input === null ? [] : (await readFile(place.inFolder(input), 'utf8')).trimEnd().split('\n')
      const stop = new AbortController()
      // What would go on for ever is stopped once it has shown something.
      const onOut = () => stop.abort()
      const person = argv[0] === 'user' ? { isInteractive: true, hidden: ['pencil-secret', 'pencil-secret'] } : {}
      const screen = argv[1] === 'watch' ? screenOf(onOut) : null
      const ran = await place.s.run(argv.map(place.inFolder), { lines, stop: stop.signal, onOut, screen, ...person })
      assert.equal(ran.status, 0, ran.words)
    })
  }
})
