import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

interface Locked {
  engines?: { node?: string }
  optional?: boolean
}

const root = join(import.meta.dirname, '../../..')
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }

/** The smallest major that `>=` and `^` of a range allow; 0 where nothing is asked. */
function oldestMajor(range: string): number {
  return Math.min(...range.split('||').map((part) => Number(/(\d+)/.exec(part)?.[1] ?? 0)))
}

test('no installed package makes npm warn that it wants a newer Node than ours', () => {
  const newer = Object.entries(lock.packages).filter(([, { engines }]) => oldestMajor(engines?.node ?? '') > 20)
  assert.deepEqual(
    newer,
    [],
    'take another version, or leave `engines` out where tests show that it runs (docs/dependencies.md)',
  )
})
