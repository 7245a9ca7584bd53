import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../../src/api/problem.js'
import { type ProblemCode, problems } from '../../src/api/problems.js'
import { HttpBroker } from './http-broker.js'

test('the type of every problem leads to a page that says what it is and what to do', async (t) => {
  const broker = await HttpBroker.start()
  t.after(() => broker.close())
  for (const code of Object.keys(problems) as ProblemCode[]) {
    const { type } = new Problem(code, 'x').reply.body as { type: string }
    const [path = '', anchor] = type.split('#')
    const answer = await broker.get(path)
    const text = await answer.text()
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/html; charset=UTF-8'])
    assert.equal(text.split(`<dt id="${anchor}">${code} (${problems[code].status})</dt>`).length, 2, code)
  }
})
