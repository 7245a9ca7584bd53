import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const clockModule = join(import.meta.dirname, '../../src/node/clock.js')

function outputWith(delayMs: number): string {
  const code = `import { nodeClock } from ${JSON.stringify(clockModule)}
    nodeClock.setTimer(${delayMs}, () => console.log('called'))`
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }).stdout
}

test('a timer does not keep the process alive, but work that goes on in the next turn does', () => {
  assert.equal(outputWith(10), '')
  assert.equal(outputWith(0), 'called\n')
})
