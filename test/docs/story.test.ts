import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { type Block, story } from './pages.js'
import { Story } from './story.js'

const hasTools = spawnSync('openssl', ['version']).status === 0 && spawnSync('curl', ['--version']).status === 0
const { blocks } = await story('docs/security.md')
const played = blocks.filter(({ notRun }) => notRun === null)

test('of the guide to security all is played but what takes Java', () => {
  assert.deepEqual(
    blocks.flatMap(({ notRun }) => notRun ?? []),
    ["it takes Java and Kafka's tools"],
  )
})

describe('the guide to security works as written, from top to bottom', {
  skip: hasTools ? false : 'openssl or curl is not there',
}, () => {
  let guide: Story
  let failed: Block | undefined
  before(async () => {
    const programs = played.filter(({ language }) => language === 'ts')
    guide = await Story.begin(['9093', '9094', '9644'], programs)
  })
  after(() => guide?.[Symbol.asyncDispose]())
  for (const block of played) {
    test(`docs/security.md:${block.line}`, async (context) => {
      if (failed) return context.skip(`line ${failed.line} has failed`)
      failed = block
      await guide.play(block)
      failed = undefined
    })
  }
})
