import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { brokerProcess } from '../support/broker-process.js'

// The programs as they are shipped: packages/rivvend and packages/rivvenctl.
const packages = join(import.meta.dirname, '../../../packages')
const rivvend = join(packages, 'rivvend/bin/rivvend.cjs')
const folder = mkdtempSync(join(tmpdir(), 'rivven-bundles-'))
after(() => rmSync(folder, { recursive: true }))

/** Standard output of `rivvenctl` as it is shipped; rejects when it fails. */
async function rivvenctl(bootstrapServers: string, ...words: string[]): Promise<string> {
  const program = join(packages, 'rivvenctl/bin/rivvenctl.js')
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, '-b', bootstrapServers, ...words])
  assert.doesNotMatch(stderr, /warning|error/i, 'a thread that does not start is a warning')
  return stdout
}

test('rivvend reads YAML, keeps files and shows metrics; rivvenctl reads with a group: all from their bundles', async () => {
  const config = join(folder, 'rivven.yaml')
  writeFileSync(config, 'broker:\n  num_partitions: 2\n  http: 127.0.0.1:0\n  group_initial_rebalance_delay_ms: 0\n')
  const args = ['--config', config, '--data-dir', join(folder, 'data')]
  await using broker = await brokerProcess({}, { program: rivvend, args })
  for (const codec of ['zstd', 'lz4', 'snappy', 'gzip']) {
    await rivvenctl(broker.bootstrapServers, 'produce', 'orders', `in ${codec}`, '--compression', codec)
  }
  const words = ['consume', 'orders', '--group', 'readers', '--from-beginning', '--max-messages', '4']
  const read = await rivvenctl(broker.bootstrapServers, ...words)
  assert.deepEqual(read.trim().split('\n').sort(), ['in gzip', 'in lz4', 'in snappy', 'in zstd'])
  const described = await rivvenctl(broker.bootstrapServers, 'topic', 'describe', 'orders', '-o', 'yaml')
  assert.match(described, /partitions:/)
  const page = await fetch(`${await broker.http}/metrics`)
  assert.match(await page.text(), /rivven_build_info/)
})

test('what is bundled brings no source maps, and the licences of what is in it', () => {
  for (const name of ['rivvend', 'rivvenctl']) {
    const dist = join(packages, name, 'dist')
    const entries = readdirSync(dist, { withFileTypes: true, recursive: true })
    for (const { name: file, parentPath } of entries.filter((entry) => entry.isFile())) {
      // The second half are the dashboard's.
      assert.ok(/\.(js|txt|html|css|svg|gz)$/.test(file), file)
      assert.doesNotMatch(readFileSync(join(parentPath, file), 'utf8').slice(-200), /sourceMappingURL/)
    }
    assert.match(readFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), 'utf8'), /commander \d[\s\S]*Permission is hereby/)
    assert.ok(existsSync(join(packages, name, 'bin')))
  }
})
