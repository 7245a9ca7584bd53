import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { allRoutes } from '../../src/api/all-routes.js'
import { withReference } from './reference.js'

const page = readFileSync(join(import.meta.dirname, '../../../../../docs/api.md'), 'utf8')

test('docs/api.md tells of every call, answer and problem as the broker has them', () => {
  const advice = 'run npm run build && node packages/broker/dist/test/api/write-reference.js'
  assert.equal(withReference(page), page, advice)
})

test('each name of an answer stands for one shape', () => {
  const shapes = new Map(allRoutes.map(({ answer }) => [answer.name, answer]))
  for (const { name, answer } of allRoutes) assert.equal(shapes.get(answer.name), answer, `${answer.name} of ${name}`)
})
