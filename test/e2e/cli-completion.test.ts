import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { Admin } from '@rivven/client'
import { scene } from './cli-scene.js'
import { rivvenctl } from './rivvenctl.js'

const program = join(import.meta.dirname, '../../../packages/cli/dist/src/main.js')
const has = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0
const skip = (shell: string) => (has(shell) ? false : `there is no ${shell} here`)

/** What bash offers at the end of a line; names are asked for by the program itself. */
async function offered(folder: string, line: string): Promise<string[]> {
  // As bash itself cuts a line into words.
  const words = line.split(/(?<==)|(?==)|(?<=:)|(?=:)|\s+/)
  const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
  const script = [
    `rivvenctl() { ${quoted(process.execPath)} ${quoted(program)} "$@"; }`,
    'source ./completion.bash',
    `COMP_WORDS=(${words.map(quoted).join(' ')}) COMP_CWORD=${words.length - 1}`,
    `COMP_LINE=${quoted(line)} COMP_POINT=\${#COMP_LINE}`,
    '_rivvenctl',
    `printf '%s\\n' "\${COMPREPLY[@]}"`,
  ]
  const child = spawn('bash', ['-c', script.join('\n')], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  assert.equal(errors, '')
  return out.trimEnd().split('\n')
}

test('bash completes commands, flags and their values, and names of the cluster that the line is about', {
  skip: skip('bash'),
}, async () => {
  await using s = await scene()
  await s.topicWith('orders', 1, 1)
  await s.data('topic create payments')
  const admin = new Admin({ bootstrapServers: s.bootstrapServers })
  const groups = ['billing', 'a:b', 'with space', '$(touch run)', "it's"]
  for (const group of groups) await admin.alterGroupOffsets(group, [{ topic: 'orders', partition: 0, offset: 0 }])
  await admin.close()
  const folder = await mkdtemp(join(tmpdir(), 'rivven-completion-'))
  await writeFile(join(folder, 'completion.bash'), await s.data('completion bash'))
  const at = `rivvenctl -b ${s.bootstrapServers}`
  for (const [line, expected] of [
    ['rivvenctl gr', ['group']],
    ['rivvenctl group re', ['reset-offsets', 'remove-member']],
    ['rivvenctl -b somewhere:9092 group li', ['list']],
    ['rivvenctl group lag --fail', ['--fail-above']],
    ['rivvenctl group lag -o nd', ['ndjson']],
    ['rivvenctl group lag --output=nd', ['ndjson']],
    ['rivvenctl --config comp', ['completion.bash']],
    ['rivvenctl group lag --interval 1', ['']],
    [`${at} group lag `, ['\\$\\(touch\\ run\\)', 'a:b', 'billing', "it\\'s", 'with\\ space']],
    [`${at} group lag a:`, ['b']],
    [`${at} group reset-offsets billing --topic o`, ['orders']],
    [`${at} topic peek `, ['orders', 'payments']],
    [`${at} topic peek orders --search x pay`, ['payments']],
    ['rivvenctl -b localhost:1 group lag ', ['']],
  ] as const) {
    assert.deepEqual((await offered(folder, line)).sort(), [...expected].sort(), line)
  }
  assert.deepEqual(await readdir(folder), ['completion.bash'], 'no name of a group was run')
  await rm(folder, { recursive: true })
})

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`${shell} can read its script`, { skip: skip(shell) }, async () => {
    const { out } = await rivvenctl(['completion', shell])
    const { status, stderr } = spawnSync(shell, ['-n'], { input: out, encoding: 'utf8' })
    assert.deepEqual([status, stderr], [0, ''])
  })
}

test('the scripts of all shells have all commands, and none that is hidden', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { out, status } = await rivvenctl(['completion', shell])
    assert.equal(status, 0)
    for (const path of ['topic peek', 'group reset-offsets', 'acl explain', 'completion'])
      assert.ok(out.includes(`'${path}'`), path)
    assert.ok(!out.includes("'__complete'"))
  }
  assert.equal((await rivvenctl(['completion', 'tcsh'])).status, 2)
})

test('names come soon or not at all, and nothing is said where they do not', async () => {
  const mute = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  await new Promise((ready) => mute.once('listening', ready))
  const { port } = mute.address() as { port: number }
  for (const server of [`127.0.0.1:${port}`, 'a:b:c']) {
    const ran = await rivvenctl(['__complete', 'groups', `rivvenctl -b ${server} group lag `])
    assert.deepEqual([ran.status, ran.out, ran.words], [0, '', ''])
    // A second, and then the clients are closed.
    assert.ok(ran.tookMs < 10_000, `it took ${ran.tookMs} ms`)
  }
  mute.close()
})
