import { type Producer, type ProducerOptions, type ProducerRecord, RivvenError } from '@rivven/client'
import { type Command, Option } from 'commander'
import { count, type Run } from '../command-line.js'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'
import { partitionsOf } from '../partitions.js'
import { linesOf, wholeOf } from '../terminal/lines.js'
import { Stopped, unlessStopped } from '../terminal/stop.js'
import { printable } from '../text/output.js'
import { counted } from '../text/words.js'

export function addProduceCommand(program: Command, run: Run): void {
  program
    .command('produce')
    .argument('<topic>')
    .argument('[value]', 'one record; without it each line of standard input (or of --file) is one')
    .option('-k, --key <key>', 'key of the records')
    .option('-s, --key-separator <text>', 'lines are key<separator>value')
    .option('-H, --header <name=value...>', 'headers of the records')
    .option('-f, --file <path>', 'read lines from a file instead of standard input (-)')
    .option('--whole-file', 'the file is one record')
    .option('-p, --partition <number>', 'to this partition', count)
    .addOption(
      new Option('--compression <codec>', 'compress batches').choices(['none', 'gzip', 'snappy', 'lz4', 'zstd']),
    )
    .addOption(
      new Option('--acks <acks>', 'who must have a record: all, 1 (the leader) or 0 (nobody)').choices([
        'all',
        '1',
        '0',
      ]),
    )
    .option('--null-value', 'an empty value is null (a tombstone)')
    .description('write records')
    .action(run(produce, { endsItself: true }))
}

interface ProduceOptions {
  key?: string
  keySeparator?: string
  header?: string[]
  file?: string
  wholeFile?: boolean
  partition?: number
  compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  acks?: 'all' | '1' | '0'
  nullValue?: boolean
}

async function produce(
  context: CommandContext,
  topic: string,
  value: string | undefined,
  options: ProduceOptions,
): Promise<void> {
  refuseContradictions(value, options)
  const toRecord = recordMaker(topic, options)
  const isNew = await unlessStopped(context.terminal.stop, isMissing(context, topic, options))
  const producer = await context.producer(settingsOf(options))
  if (value !== undefined) {
    const { partition, offset } = await producer.send(toRecord(Buffer.from(value)))
    context.terminal.words(`Written to ${topic}, partition ${partition}, offset ${offset}.\n`)
  } else await produceAll(context, producer, topic, input(context, options), toRecord)
  if (isNew) context.terminal.words(`Topic ${topic} was not there: the broker made it.\n`)
}

/** Brokers make topics that are asked for, mistyped ones too; a partition they do not make. */
async function isMissing(context: CommandContext, topic: string, { partition }: ProduceOptions): Promise<boolean> {
  const admin = await context.admin()
  try {
    await partitionsOf(admin, topic, partition === undefined ? undefined : [partition])
    return false
  } catch (error) {
    if (error instanceof RivvenError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION' && partition === undefined)
      return true
    throw error
  }
}

function refuseContradictions(value: string | undefined, { file, wholeFile, key, keySeparator }: ProduceOptions): void {
  if (wholeFile && file === undefined) throw new UsageError('--whole-file needs --file.')
  if (value !== undefined && file !== undefined)
    throw new UsageError('A value and --file both say what is written: leave one out.')
  if (key !== undefined && keySeparator !== undefined)
    throw new UsageError('--key and --key-separator both say what the key is: leave one out.')
  if (keySeparator === '') throw new UsageError('--key-separator is empty: nothing ends a key then.')
}

function settingsOf({ compression, acks }: ProduceOptions): Partial<ProducerOptions> {
  return {
    ...(compression ? { compression } : {}),
    ...(acks === 'all' ? { acks } : {}),
    ...(acks === '1' || acks === '0' ? { acks: acks === '1' ? 1 : 0, idempotent: false } : {}),
  }
}

/** What becomes a record each, a part of the input at a time. */
async function* input(context: CommandContext, { file = '-', wholeFile }: ProduceOptions): AsyncGenerator<Buffer[]> {
  const { terminal } = context
  if (file === '-' && terminal.isInteractive) terminal.words('One record a line; Ctrl-D ends.\n')
  const pieces = named(file, terminal.read(file))
  if (wholeFile) yield [await wholeOf(pieces)]
  else yield* linesOf(pieces)
}

async function* named(file: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces
  } catch (error) {
    if (error instanceof Stopped) throw error
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

/** Sends part after part, each acknowledged before the next is read: memory holds one, however much comes. */
async function produceAll(
  { terminal, runtime }: CommandContext,
  producer: Producer,
  topic: string,
  parts: AsyncIterable<Buffer[]>,
  toRecord: (line: Buffer) => ProducerRecord,
): Promise<void> {
  let written = 0
  let said = runtime.clock.monotonic()
  try {
    for await (const lines of parts) {
      await producer.sendMany(lines.map(toRecord))
      written += lines.length
      const now = runtime.clock.monotonic()
      if (now - said >= 2000) terminal.words(`${written} records…\n`)
      if (now - said >= 2000) said = now
    }
  } catch (error) {
    const isStopped = error instanceof Stopped
    if (isStopped || written > 0)
      terminal.words(`${counted(written, 'record')} written to ${topic}${isStopped ? '.' : ' before this:'}\n`)
    throw error
  }
  terminal.words(`${counted(written, 'record')} written to ${topic}.\n`)
}

function recordMaker(topic: string, options: ProduceOptions): (line: Buffer) => ProducerRecord {
  const headers = headersOf(options.header)
  return (line) => {
    const { key, rest } = split(line, options)
    const value = rest.length === 0 && options.nullValue ? null : rest
    return { topic, key, value, headers, ...(options.partition === undefined ? {} : { partition: options.partition }) }
  }
}

function split(line: Buffer, options: ProduceOptions): { key: string | Buffer | null; rest: Buffer } {
  const separator = options.keySeparator
  if (separator === undefined) return { key: options.key ?? null, rest: line }
  const at = line.indexOf(separator)
  if (at < 0)
    throw new UsageError(`The line "${printable(line.toString('utf8', 0, 60))}" has no separator "${separator}".`)
  return { key: line.subarray(0, at), rest: line.subarray(at + Buffer.byteLength(separator)) }
}

function headersOf(words: readonly string[] = []): [string, string][] {
  return words.map((word) => {
    const at = word.indexOf('=')
    if (at < 1) throw new UsageError(`The header "${word}" is not of the form name=value.`)
    return [word.slice(0, at), word.slice(at + 1)]
  })
}
