import type { Producer, ProducerRecord } from '@rivven/client'
import { type Command, Option } from 'commander'
import { type Run, wholeNumber } from '../command-line.js'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'

export function addProduceCommand(program: Command, run: Run): void {
  program
    .command('produce')
    .argument('<topic>')
    .argument('[value]', 'one record; without it each line of standard input (or of --file) is one')
    .option('-k, --key <key>', 'key of the records')
    .option('-s, --key-separator <text>', 'lines are key<separator>value')
    .option('-H, --header <name=value...>', 'headers of the records')
    .option('-f, --file <path>', 'read lines from a file instead of standard input')
    .option('--whole-file', 'the file is one record')
    .option('-p, --partition <number>', 'to this partition', wholeNumber)
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
    .action(run(produce))
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
  const toRecord = recordMaker(topic, options)
  const producer = await context.producer({
    ...(options.compression ? { compression: options.compression } : {}),
    ...(options.acks
      ? {
          acks: options.acks === 'all' ? 'all' : options.acks === '1' ? 1 : 0,
          ...(options.acks === 'all' ? {} : { idempotent: false }),
        }
      : {}),
  })
  if (value !== undefined) {
    const { partition, offset } = await producer.send(toRecord(value))
    context.terminal.words(`Written to ${topic}, partition ${partition}, offset ${offset}.\n`)
    return
  }
  const written = await produceLines(context, producer, await input(context, options), toRecord)
  context.terminal.words(`${written} records written to ${topic}.\n`)
}

async function input(context: CommandContext, options: ProduceOptions): Promise<AsyncIterable<string> | string[]> {
  if (options.file === undefined) {
    if (options.wholeFile) throw new UsageError('--whole-file needs --file.')
    if (context.terminal.isInteractive) context.terminal.words('One record a line; Ctrl-D ends.\n')
    return context.terminal.lines()
  }
  let content: string
  try {
    content = (await context.runtime.disk.readFile(options.file)).toString('utf8')
  } catch (error) {
    throw new UsageError(`${options.file} cannot be read: ${(error as Error).message}`)
  }
  if (options.wholeFile) return [content]
  const lines = content.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** How many lines go out together: the producer batches further. */
const linesAtOnce = 1000

async function produceLines(
  context: CommandContext,
  producer: Producer,
  lines: AsyncIterable<string> | string[],
  toRecord: (line: string) => ProducerRecord,
): Promise<number> {
  let written = 0
  let said = context.runtime.clock.monotonic()
  let batch: ProducerRecord[] = []
  const sendBatch = async () => {
    if (batch.length > 0) await producer.sendMany(batch)
    written += batch.length
    batch = []
    const now = context.runtime.clock.monotonic()
    if (now - said < 2000) return
    said = now
    context.terminal.words(`${written} records…\n`)
  }
  for await (const line of lines) {
    batch.push(toRecord(line))
    if (context.terminal.isInteractive || batch.length >= linesAtOnce) await sendBatch()
    if (context.terminal.stop.aborted) break
  }
  await sendBatch()
  return written
}

function recordMaker(topic: string, options: ProduceOptions): (line: string) => ProducerRecord {
  const headers = headersOf(options.header)
  return (line) => {
    const { key, text } = split(line, options)
    const value = text === '' && options.nullValue ? null : text
    return { topic, key, value, headers, ...(options.partition === undefined ? {} : { partition: options.partition }) }
  }
}

function split(line: string, options: ProduceOptions): { key: string | null; text: string } {
  const separator = options.keySeparator
  if (separator === undefined) return { key: options.key ?? null, text: line }
  const at = line.indexOf(separator)
  if (at < 0) throw new UsageError(`The line "${line.slice(0, 60)}" has no separator "${separator}".`)
  return { key: line.slice(0, at), text: line.slice(at + separator.length) }
}

function headersOf(words: readonly string[] = []): [string, string][] {
  return words.map((word) => {
    const at = word.indexOf('=')
    if (at < 1) throw new UsageError(`The header "${word}" is not of the form name=value.`)
    return [word.slice(0, at), word.slice(at + 1)]
  })
}
