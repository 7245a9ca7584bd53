import {
  type ClusterOptions,
  type ConfigPlaces,
  loadConsumerConfig,
  loadProducerConfig,
  RivvenError,
} from '@rivven/client'
import type { Runtime } from '@rivven/runtime'
import { UsageError } from './failure.js'
import type { GlobalOptions } from './global-options.js'
import type { Terminal } from './terminal.js'

/** Where the cluster is that all commands speak to, and how one gets in. */
export type ClusterAccess = Pick<ClusterOptions, 'bootstrapServers' | 'ssl' | 'sasl'>

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
    file === '-' ? { sasl_password: await firstLine(terminal) } : file !== undefined && { sasl_password_file: file }
  return { file: options.config, env: terminal.env, over: { ...rest, ...password }, runtime }
}

async function firstLine(terminal: Terminal): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of terminal.read('-')) pieces.push(piece)
  return Buffer.concat(pieces).toString().split(/\r?\n/, 1)[0] ?? ''
}

/**
 * Servers come from the command line, else from the sections of the file: one of these is enough, and they cannot mean two
 * clusters. So is one section that says how to get in; `own` is what the section of the command's client says.
 */
export async function clusterAccess(
  own: ClusterAccess,
  places: ConfigPlaces,
  bootstrapServers: string | undefined,
): Promise<ClusterAccess> {
  if (bootstrapServers !== undefined && isSecured(own)) return { bootstrapServers, ssl: own.ssl, sasl: own.sasl }
  const sections = [await sectionOr(own, loadConsumerConfig, places), await sectionOr(own, loadProducerConfig, places)]
  const secured = [own, ...sections].find(isSecured)
  return {
    bootstrapServers: bootstrapServers ?? serversOf(sections),
    ...(secured && { ssl: secured.ssl, sasl: secured.sasl }),
  }
}

function isSecured({ ssl, sasl }: ClusterAccess): boolean {
  return ssl !== undefined || sasl !== undefined
}

/** A section that says less than environment and command line take for granted is no obstacle where the own one is complete. */
async function sectionOr(
  own: ClusterAccess,
  load: (places: ConfigPlaces) => Promise<ClusterAccess>,
  places: ConfigPlaces,
): Promise<ClusterAccess> {
  try {
    return await load(places)
  } catch (error) {
    if (isSecured(own) && error instanceof RivvenError && error.code === 'INVALID_CONFIG') return own
    throw error
  }
}

function serversOf([consumer, producer]: readonly ClusterAccess[]): ClusterOptions['bootstrapServers'] {
  const [ofConsumer, ofProducer] = [String(consumer?.bootstrapServers), String(producer?.bootstrapServers)]
  if (ofConsumer === ofProducer || ofProducer === unsaidServers) return ofConsumer
  if (ofConsumer === unsaidServers) return ofProducer
  throw new UsageError(
    `The settings name two clusters: consumer: is at ${ofConsumer}, producer: at ${ofProducer}. Say which one with --bootstrap-servers.`,
  )
}
