// node test/dist/conversations/play.js --to HOST:PORT [--plain HOST:PORT] [--restart COMMAND] FILE... : plays recordings
// with a running broker, a line for each that fails. Those about security are played where --plain names a listener without
// SASL (and --to one with it), all others where it does not. COMMAND ends the broker and starts it again; it is given 'kill'
// or 'stop'. Without it conversations that restart the broker are left out (npm test plays them in process).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Address, Broker } from './connections.js'
import type { Conversation } from './conversation.js'
import { play } from './player.js'
import { warmUp } from './warm-up.js'

const { values, positionals } = parseArgs({
  options: {
    to: { type: 'string', default: '127.0.0.1:9092' },
    plain: { type: 'string' },
    restart: { type: 'string' },
  },
  allowPositionals: true,
})
const broker: Broker = {
  ...addressOf(values.to),
  plain: values.plain === undefined ? undefined : addressOf(values.plain),
  restart: values.restart === undefined ? undefined : restart,
}
const counts = { passed: 0, failed: 0, skipped: 0 }

function addressOf(text: string): Address {
  const [host, port] = text.split(':')
  return { host: host!, port: Number(port) }
}

async function restart(how: 'kill' | 'stop'): Promise<void> {
  const child = spawn('bash', ['-c', `${values.restart} ${how}`], { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error('the restart failed')
}

function isPlayable({ security = false, steps }: Conversation): boolean {
  return (
    security === (broker.plain !== undefined) && (broker.restart !== undefined || !steps.some((step) => step.restart))
  )
}

async function playFile(file: string): Promise<void> {
  const conversation = JSON.parse(readFileSync(file, 'utf8')) as Conversation
  if (!isPlayable(conversation)) {
    counts.skipped++
    return
  }
  try {
    await play(conversation, broker)
    counts.passed++
  } catch (error) {
    counts.failed++
    console.log(`FAIL  ${file}: ${(error as Error).message}`)
  }
}

await warmUp(broker)
const queue = [...positionals]
const atOnce = broker.restart ? 1 : 16
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) await playFile(file)
  }),
)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed > 0 ? 1 : 0
