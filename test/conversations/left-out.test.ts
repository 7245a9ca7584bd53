import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Step } from './conversation.js'
import { leftOut } from './left-out.js'
import { type Recording, recordings } from './recordings.js'

const setsQuotas = ({ api = '' }: Step) => api === 'AlterClientQuotas'
const isAboutQuotas = (step: Step) => step.api === 'DescribeClientQuotas' || setsQuotas(step)

/** What may be left out: all that sets quotas, and the mechanism OAUTHBEARER. */
const mayBeLeftOut = ({ folder, conversation }: Recording) =>
  folder === 'security-oauthbearer' || conversation.steps.some(setsQuotas)

/** One more, of which only a step is left out: Kafka's answer to it was an accident of its start. */
const accident = 'security-open/without-an-acl-everything-is-allowed'

test('of the recordings just those are left out that set quotas or need OAUTHBEARER, and one answer that was an accident', () => {
  const places = recordings.filter(mayBeLeftOut).map(({ place }) => place)
  assert.deepEqual(Object.keys(leftOut).sort(), [...places, accident].sort())
})

test('where only steps are left out, these are the steps about quotas, and the accident', () => {
  for (const { place, conversation } of recordings) {
    const steps = leftOut[place]?.steps?.map((number) => conversation.steps[number - 1]!)
    if (place === accident)
      assert.deepEqual(
        steps?.map(({ api }) => api),
        ['InitProducerId'],
      )
    else if (steps) assert.deepEqual(steps, conversation.steps.filter(isAboutQuotas), place)
  }
})
