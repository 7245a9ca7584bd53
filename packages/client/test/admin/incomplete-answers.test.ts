import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Api, DescribeConfigs, DescribeGroups, DescribeTransactions } from '@rivven/protocol'
import type { Admin, RivvenError } from '../../src/index.js'
import { adminScene } from './admin-scene.js'

const calls: Record<string, { api: unknown; answers: object[]; ask: (admin: Admin) => Promise<unknown> }> = {
  'group g': {
    api: DescribeGroups,
    answers: [{ groups: [] }, { groups: [{ groupId: 'other' }] }],
    ask: (admin) => admin.describeGroups(['g']),
  },
  'transaction tx': {
    api: DescribeTransactions,
    answers: [{ transactionStates: [] }, { transactionStates: [{ transactionalId: 'other' }] }],
    ask: (admin) => admin.describeTransactions(['tx']),
  },
  'the configs of topic t': {
    api: DescribeConfigs,
    answers: [{ results: [] }, { results: [{ resourceType: 2, resourceName: 'other' }] }],
    ask: (admin) => admin.describeConfigs([{ type: 'topic', name: 't' }]),
  },
}

for (const [what, { api, answers, ask }] of Object.entries(calls)) {
  test(`an answer that says nothing of ${what} is an error that says so`, async () => {
    for (const answer of answers) {
      const { clock, tiny, admin } = adminScene()
      tiny.scripts.set(api as Api, () => answer)
      const error: RivvenError = await clock.until(
        ask(admin).then(
          () => assert.fail(),
          (error) => error,
        ),
      )
      assert.equal(error.code, 'INVALID_RESPONSE')
      assert.match(error.message, new RegExp(`asked about ${what}, and its answer says nothing of it`))
    }
  })
}
