import { setFlagsFromString } from 'node:v8'
import { nodeRuntime, ProcessHold } from '@rivven/runtime'
import type { Broker, OpenListener } from './broker.js'
import { readCommandLine } from './commands/command-line.js'
import { readConfig } from './commands/flags.js'
import { type Serving, serve } from './commands/serve.js'
import { formatAddress } from './config/address.js'
import type { BrokerConfig } from './config/broker-config.js'
import { sentenceOf } from './start-error.js'

// V8 lets garbage grow to several times what lives before it collects. With this it collects more often (10 times where it was 6 while
// records came as fast as they could), which cost no CPU time that stood out (docs/hostile-load.md).
setFlagsFromString('--heap-growing-percent=30')

async function run(): Promise<void> {
  const asked = readCommandLine()
  const runtime = nodeRuntime()
  const config = await readConfig(asked.flags, runtime.disk)
  if (asked.kind === 'serve') {
    // While a database is waited for nothing else keeps the process alive.
    const hold = new ProcessHold()
    hold.isHeld = true
    const serving = await serve(config, runtime)
    hold.release()
    endOnSignals(serving)
    announce(serving.broker, config)
  } else {
    const { addUser } = await import('./commands/add-user.js')
    process.stdout.write(`${await addUser(asked.user, { config, runtime, readStdin })}\n`)
  }
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function announce(broker: Broker, config: BrokerConfig): void {
  const where = broker.listeners.map(listenerText).join(', ')
  process.stdout.write(`rivvend ready on ${where} in ${Math.round(performance.now())} ms\n`)
  if (config.given.has('http') && broker.httpAddress) {
    const scheme = broker.isHttpEncrypted ? 'https' : 'http'
    process.stdout.write(`http on ${scheme}://${formatAddress(broker.httpAddress)}\n`)
  }
}

function listenerText({ name, protocol, address }: OpenListener): string {
  const words = name === protocol ? protocol : `${name}, ${protocol}`
  return words === 'PLAINTEXT' ? formatAddress(address) : `${formatAddress(address)} (${words})`
}

function endOnSignals({ broker, lock }: Serving): void {
  let isEnding = false
  const end = (): void => {
    if (isEnding) return
    isEnding = true
    broker
      .close()
      .then(() => lock?.release())
      .then(() => process.exit(0), fail)
  }
  process.on('SIGHUP', () => Promise.all([broker.renewCertificates(), broker.reopenAuditLog()]).catch(fail))
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

/** One plain sentence for what a user can put right; everything else is a bug and shows where. */
function fail(error: unknown): never {
  const sentence = sentenceOf(error)
  process.stderr.write(`${sentence ?? (error instanceof Error ? error.stack : String(error))}\n`)
  process.exit(1)
}

run().catch(fail)
