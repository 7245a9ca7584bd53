// node test/dist/conversations/play.js --to HOST:PORT FILE... : plays recordings with a running broker, a line each.
// Conversations that restart the broker are left out (npm test plays them in process).
import { readFileSync } from 'node:fs'
import type { Conversation } from './conversation.js'
import { play } from './player.js'
import { warmUp } from './warm-up.js'

const words = process.argv.slice(2)
const at = words.indexOf('--to')
const [host, port] = (at < 0 ? '127.0.0.1:9092' : words.splice(at, 2)[1]!).split(':')
const files = words
const counts = { passed: 0, failed: 0, skipped: 0 }

async function playFile(file: string): Promise<void> {
  const conversation = JSON.parse(readFileSync(file, 'utf8')) as Conversation
  if (conversation.steps.some((step) => step.restart)) {
    counts.skipped++
    return
  }
  try {
    await play(conversation, { host: host!, port: Number(port) })
    counts.passed++
  } catch (error) {
    counts.failed++
    console.log(`FAIL  ${file}: ${(error as Error).message}`)
  }
}

await warmUp({ host: host!, port: Number(port) })
const queue = [...files]
await Promise.all(
  Array.from({ length: 16 }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) await playFile(file)
  }),
)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed > 0 ? 1 : 0
