import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { eventually } from '../support/eventually.js'
import { scene } from './cli-scene.js'

/** Commands of docs/cli.md: lines of its shell blocks, and the first cells of its tables. */
async function documented(): Promise<string[]> {
  const text = await readFile(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8')
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.split('\n'))
  const cells = [...text.matchAll(/^\| `(rivvenctl [^`]+)` \|/gm)].map(([, command]) => command!)
  return [...blocks, ...cells].map((line) => line.replace(/ +# .*$/, '').trim()).filter((line) => line !== '')
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
  const s = await scene()
  const folder = await mkdtemp(join(tmpdir(), 'rivven-docs-'))
  await s.topicWith('orders', 6, 30)
  await s.topicWith('payments', 1, 30)
  await s.data('group reset-offsets order-processors -t orders -t payments --to-offset 10')
  const gone = await s.member('order-processors', 'orders', 'order-processor', { groupInstanceId: 'order-processor-3' })
  await gone.close()
  const files = {
    'orders.ndjson': '{"order":1}\n{"order":2}\n',
    'orders.txt': 'key:value\n',
    'invoice.xml': '<invoice/>',
    'offsets.csv': 'orders,0,1\n',
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
  const needsNobody = noun === 'group' && (verb === 'reset-offsets' || verb === 'delete')
  if (needsNobody) await s.run('group remove-member order-processors --instance-id order-processor-3')
}

describe('every command of docs/cli.md works as written', async () => {
  // Transactions need a producer that has one: cli-transactions.test.ts.
  const lines = (await documented()).filter((line) => !line.startsWith('rivvenctl transaction'))
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
      const ran = await place.s.run(argv.map(place.inFolder), { lines, stop: stop.signal, onOut })
      assert.equal(ran.status, 0, ran.words)
    })
  }
})
