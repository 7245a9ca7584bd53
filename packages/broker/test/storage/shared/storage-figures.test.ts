import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnavailableError } from '../../../src/database/database-error.js'
import type { LogTables } from '../../../src/database/log-tables.js'
import { observedTables } from '../../../src/storage/shared/observed-tables.js'
import { StorageFigures } from '../../../src/storage/shared/storage-figures.js'
import { TestClock } from '../../coordinator/test-clock.js'

function observed() {
  const clock = new TestClock()
  const figures = new StorageFigures(clock, { bytes: 7 })
  const said = { error: undefined as Error | undefined }
  const answer = async () => {
    await new Promise<void>((resolve) => clock.setTimer(20, resolve))
    if (said.error) throw said.error
    return new Set([1])
  }
  const tables = observedTables({ append: answer, load: answer } as unknown as LogTables, figures, clock)
  const call = async (name: 'append' | 'load') => {
    const done = (name === 'append' ? tables.append({ chunk: 1, parts: [] }) : tables.load([])).catch(() => undefined)
    await clock.advance(20)
    await done
  }
  return { clock, figures, said, call }
}

test('the database is away from the first call that fails until the next answer, and that counts on meanwhile', async () => {
  const { clock, figures, said, call } = observed()
  await call('load')
  said.error = new UnavailableError('It is away.')
  await call('load')
  await clock.advance(1_000)
  await call('append')
  assert.equal(figures.unavailableSeconds, 1.02)
  said.error = undefined
  await call('append')
  await clock.advance(5_000)
  assert.equal(figures.unavailableSeconds, 1.04)
})

test('what a bug throws is no outage; only appends that were answered are timed', async () => {
  const { figures, said, call } = observed()
  await call('append')
  said.error = new Error('a bug')
  await call('append')
  await call('load')
  assert.deepEqual([figures.unavailableSeconds, figures.appendSeconds.count, figures.appendSeconds.sum], [0, 1, 0.02])
  assert.equal(figures.queueBytes, 7)
})
