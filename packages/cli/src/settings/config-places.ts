import { type ClusterOptions, type ConfigPlaces, loadConsumerConfig, loadProducerConfig } from '@rivven/client'
import { Secret } from '@rivven/config'
import type { Runtime } from '@rivven/runtime'
import { UsageError } from '../failure.js'
import type { Terminal } from '../terminal/terminal.js'
import type { GlobalOptions } from './global-options.js'

/** Where clients look when nothing says it. */
const unsaidServers = 'localhost:9092'

/** Where settings come from: file, environment and command line. Reads the password that comes by standard input. */
export async function configPlaces(
  options: GlobalOptions,
  terminal: Terminal,
  runtime: Runtime,
): Promise<ConfigPlaces> {
  const { sasl_password_file: file, ...rest } = options.security
  const password =
    file === '-' ? { sasl_password: await typedOrPiped(terminal) } : file !== undefined && { sasl_password_file: file }
  return { file: options.config, env: terminal.env, over: { ...rest, ...password }, sharesSecurity: true, runtime }
}

async function typedOrPiped(terminal: Terminal): Promise<Secret> {
  if (terminal.isInteractive) return new Secret(await terminal.hiddenLine('Password to log in with: '))
  const pieces: Uint8Array[] = []
  for await (const piece of terminal.read('-')) pieces.push(piece)
  return new Secret(Buffer.concat(pieces).toString().split(/\r?\n/, 1)[0] ?? '')
}

/**
 * Where the cluster is, of the command line, else of the sections: one of these is enough, and they cannot mean two clusters.
 * How one gets in is in the settings already.
 */
export async function bootstrapServersOf(
  places: ConfigPlaces,
  said: string | undefined,
): Promise<ClusterOptions['bootstrapServers']> {
  if (said !== undefined) return said
  return serversOf(await Promise.all([loadConsumerConfig(places), loadProducerConfig(places)]))
}

function serversOf([consumer, producer]: readonly ClusterOptions[]): ClusterOptions['bootstrapServers'] {
  const [ofConsumer, ofProducer] = [String(consumer?.bootstrapServers), String(producer?.bootstrapServers)]
  if (ofConsumer === ofProducer || ofProducer === unsaidServers) return ofConsumer
  if (ofConsumer === unsaidServers) return ofProducer
  throw new UsageError(
    `The settings name two clusters: consumer: is at ${ofConsumer}, producer: at ${ofProducer}. Say which one with --bootstrap-servers.`,
  )
}
