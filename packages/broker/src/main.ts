import { type FolderLock, nodeListenHttp, nodeRuntime, type Runtime, VERSION } from '@rivven/runtime'
import { Command, CommanderError } from 'commander'
import type { Logger } from 'pino'
import { Broker, type OpenListener } from './broker.js'
import { formatAddress } from './config/address.js'
import type { BrokerConfig } from './config/broker-config.js'
import { ConfigError } from './config/config-error.js'
import { loadBrokerConfig } from './config/config-sources.js'
import { lockDataFolder } from './data-folder.js'
import { openLog } from './log-output.js'
import { fileStorage, memoryStorage } from './open-storage.js'
import { sentenceOf } from './start-error.js'
import type { Storage } from './storage/storage.js'

interface Flags {
  listen?: string
  http?: string
  dataDir?: string
  memory?: boolean
  config?: string
  set?: string[]
}

/** Reads the command line; ends the process where it asks for help or makes no sense. */
function readFlags(): Flags {
  const collect = (word: string, words: string[] = []): string[] => [...words, word]
  const command = new Command('rivvend')
    .description('An event-streaming broker that speaks the Kafka protocol.')
    .version(VERSION)
    .option('--listen <host:port>', 'where clients connect (default 127.0.0.1:9092; port 0 takes a free one)')
    .option('--http <host:port>', 'where health, metrics and groups are shown (default 127.0.0.1:9644; off: nowhere)')
    .option('--data-dir <folder>', 'where everything is stored (default ./rivven-data)')
    .option('--memory', 'store nothing: all is gone when the broker ends')
    .option('--config <file>', 'configuration file (default ./rivven.yaml, if there is one)')
    .option('--set <key=value>', 'any key of the configuration; may be repeated', collect)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
  try {
    return command.parse().opts<Flags>()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) process.exit(0)
    throw new ConfigError(`${error.message.replace(/^error: /, '')}. Try rivvend --help.`)
  }
}

async function readConfig(flags: Flags, disk: Runtime['disk']): Promise<BrokerConfig> {
  const named = { listen: flags.listen, http: flags.http, data_dir: flags.dataDir, memory: flags.memory }
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
  return loadBrokerConfig({ disk, env: process.env, file: flags.config, flags: given, set: flags.set ?? [] })
}

async function openStorage(
  config: BrokerConfig,
  runtime: Runtime,
  log: Logger,
): Promise<{ storage: Storage; lock?: FolderLock }> {
  if (config.memory) return { storage: memoryStorage(runtime) }
  if (config.data_dir_lock) {
    const lock = lockDataFolder(config.data_dir)
    return { storage: await fileStorage(config.data_dir, runtime), lock }
  }
  log.warn({ folder: config.data_dir }, 'the data folder is not locked: a second broker on it would destroy its data')
  return { storage: await fileStorage(config.data_dir, runtime) }
}

async function run(): Promise<void> {
  const flags = readFlags()
  const runtime = nodeRuntime()
  const config = await readConfig(flags, runtime.disk)
  const log = openLog(config.log_level)
  const { storage, lock } = await openStorage(config, runtime, log)
  let broker: Broker
  try {
    broker = await Broker.start({ config, runtime, storage, log, listenHttp: nodeListenHttp })
  } catch (error) {
    lock?.release()
    throw error
  }
  endOnSignals(broker, lock)
  const where = broker.listeners.map(listenerText).join(', ')
  process.stdout.write(`rivvend ready on ${where} in ${Math.round(performance.now())} ms\n`)
  if (config.given.has('http') && broker.httpAddress) {
    process.stdout.write(`http on http://${formatAddress(broker.httpAddress)}\n`)
  }
}

function listenerText({ name, protocol, address }: OpenListener): string {
  const words = name === protocol ? protocol : `${name}, ${protocol}`
  return words === 'PLAINTEXT' ? formatAddress(address) : `${formatAddress(address)} (${words})`
}

function endOnSignals(broker: Broker, lock: FolderLock | undefined): void {
  let isEnding = false
  const end = (): void => {
    if (isEnding) return
    isEnding = true
    broker
      .close()
      .then(() => lock?.release())
      .then(() => process.exit(0), fail)
  }
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
