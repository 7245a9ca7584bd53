import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { loadConsumerConfig, loadProducerConfig, Producer } from '@rivven/client'
import { parse } from 'yaml'
import { scene } from '../e2e/cli-scene.js'
import { allPages, type Block, linesOf } from './pages.js'

const root = join(import.meta.dirname, '../../..')
const workshop = join(import.meta.dirname, '../docs-blocks')
const blocks = (await allPages()).flatMap((page) => page.blocks)
const of = (...languages: string[]) => blocks.filter(({ language, notRun }) => languages.includes(language) && !notRun)
const nameOf = ({ page, line }: Block) => `${page}:${line}`

test('hardly a block is not run, and each of these says why', () => {
  const notRun = blocks.filter(({ notRun }) => notRun !== null)
  assert.ok(notRun.length <= 6, notRun.map(nameOf).join())
  const known = ['sh', 'ts', 'yaml', 'text', 'json', 'promql', 'dockerfile', 'sql']
  for (const block of blocks) assert.ok(known.includes(block.language), `${nameOf(block)} is ${block.language}`)
})

describe('code of README and docs compiles and runs as written', () => {
  let place: Awaited<ReturnType<typeof scene>>
  let writing: { stop(): Promise<void> }
  before(async () => {
    place = await scene()
    await place.topicWith('orders', 6, 30)
    await place.data('topic create orders-copy --partitions 6')
    await compile(of('ts'), place.bootstrapServers)
    writing = keepWriting(place.bootstrapServers)
  })
  after(async () => {
    await writing.stop()
    await place[Symbol.asyncDispose]()
    await rm(workshop, { recursive: true, force: true })
  })
  for (const block of of('ts')) test(nameOf(block), () => runToItsEnd(block))
})

describe('configuration of README and docs is accepted', () => {
  before(() => mkdir(workshop, { recursive: true }))
  for (const block of of('yaml')) test(nameOf(block), () => accept(block))
})

describe('other commands of README and docs are there', () => {
  for (const block of of('sh')) {
    for (const line of linesOf(block).filter((line) => /(^|&& )(npx rivvend|rivvend|npm)\b/.test(line))) {
      test(`${nameOf(block)} ${line}`, () => (/rivvend/.test(line) ? startsAndEnds(line) : hasScripts(line)))
    }
  }
})

/** Each block becomes a module beside the others; what it takes for granted is in `ground.ts`. */
async function compile(all: readonly Block[], bootstrapServers: string): Promise<void> {
  await rm(workshop, { recursive: true, force: true })
  await mkdir(workshop, { recursive: true })
  await cp(join(root, 'test/docs/ground.txt'), join(workshop, 'ground.ts'))
  for (const block of all) {
    // Members of one block must not wait for those of another.
    const code = block.code.replaceAll('localhost:9092', bootstrapServers).replaceAll('order-processors', fileOf(block))
    const reach = `globalThis.bootstrapServers = '${bootstrapServers}'`
    await writeFile(join(workshop, `${fileOf(block)}.ts`), `import './ground.js'\n${reach}\n${code}\nexport {}\n`)
  }
  const compilerOptions = {
    outDir: 'js',
    rootDir: '.',
    composite: false,
    noUnusedLocals: false,
    useUnknownInCatchVariables: false,
    skipLibCheck: true,
  }
  const config = { extends: '../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] }
  await writeFile(join(workshop, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', workshop], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
}

/** Records for those who begin at the end. */
function keepWriting(bootstrapServers: string): { stop(): Promise<void> } {
  const producer = new Producer({ bootstrapServers })
  let isOver = false
  const written = (async () => {
    for (let partition = 0; !isOver; partition = (partition + 1) % 6) {
      await producer.send({ topic: 'orders', partition, value: 'one more' })
    }
  })()
  return {
    async stop() {
      isOver = true
      await written
      await producer.close()
    },
  }
}

function fileOf({ page, line }: Block): string {
  return `${page.replace(/\W/g, '-')}-${line}`
}

/** A block that goes on for ever is ended by `ground.ts` when it has handled some records. */
async function runToItsEnd(block: Block): Promise<void> {
  const child = spawn(process.execPath, [join(workshop, 'js', `${fileOf(block)}.js`)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const { status, errors } = await ended(child)
  assert.equal(status, 0, errors)
}

async function accept(block: Block): Promise<void> {
  const content = parse(block.code) as Record<string, unknown>
  const file = join(workshop, `${fileOf(block)}.yaml`)
  await mkdir(workshop, { recursive: true })
  await writeFile(file, block.code)
  if ('consumer' in content) await loadConsumerConfig({ file, env: {} })
  if ('producer' in content) await loadProducerConfig({ file, env: {} })
  if ('broker' in content) await startsAndEnds(`rivvend --config ${file}`, listenersOf(content.broker))
}

/** The same listeners, each on a free port; nothing where there is one without a name. */
function listenersOf(broker: unknown): string | undefined {
  const { listeners } = broker as { listeners?: string | Record<string, unknown> }
  if (listeners === undefined) return undefined
  const names =
    typeof listeners === 'string' ? listeners.split(',').map((item) => item.split('://')[0]) : Object.keys(listeners)
  return names.map((name) => `${name}://127.0.0.1:0`).join(',')
}

/** With a free port, no files and no HTTP, whatever the line says of these. */
async function startsAndEnds(line: string, listeners?: string): Promise<void> {
  const words = line.replace(/^npx /, '').split(/\s+/).slice(1)
  const config =
    words.includes('--config') && !words.includes('rivven.yaml')
      ? words.slice(words.indexOf('--config'), words.indexOf('--config') + 2)
      : []
  const others = words.flatMap((word, at) => (word === '--set' ? [word, words[at + 1]!] : []))
  const free = listeners ? ['--set', `listeners=${listeners}`] : ['--listen', '127.0.0.1:0']
  const quiet = [...free, '--memory', '--http', words.includes('--http') ? '127.0.0.1:0' : 'off']
  const child = spawn(
    process.execPath,
    [join(root, 'packages/broker/bin/rivvend.cjs'), ...quiet, ...config, ...others],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: workshop.replace(/docs-blocks$/, ''),
    },
  )
  child.stdout.once('data', () => child.kill())
  const { status, errors } = await ended(child)
  assert.equal(status, 0, errors)
}

async function hasScripts(line: string): Promise<void> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const command of line.split(' && ')) {
    const [, verb, script] = command.trim().split(/\s+/)
    if (verb === 'ci' || verb === 'install') continue
    const name = verb === 'run' ? script! : verb!
    assert.ok(name in scripts, `npm ${name} is no script of package.json`)
  }
}

async function ended(child: ChildProcess): Promise<{ status: number | null; errors: string }> {
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk
  })
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, errors }
}
