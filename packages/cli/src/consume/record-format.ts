import { isUtf8 } from 'node:buffer'
import type { ConsumerRecord } from '@rivven/client'
import { stringify } from 'yaml'
import { csvCell, type OutputFormat } from '../text/output.js'

/** Keys and values are written as they are, whatever bytes they have; only JSON and YAML need another form for some. */
export type RecordWriter = (record: ConsumerRecord) => Uint8Array

/**
 * How consumed records are written, one after the other. Without `-o` or a template: the value alone, a line each.
 * A template has %t topic, %p partition, %o offset, %T timestamp (ms), %k key, %v value, %h headers, %% and \n, \t, \\.
 */
export function recordWriter(format: OutputFormat | undefined, template: string | undefined): RecordWriter {
  if (template !== undefined) return fromTemplate(template)
  switch (format) {
    case undefined:
      return fromTemplate('%v\\n')
    case 'table':
    case 'wide':
      return fromTemplate('%p\\t%o\\t%k\\t%v\\n')
    case 'csv':
      return csvLine
    case 'yaml':
      return (record) => Buffer.from(`---\n${stringify(facts(record))}`)
    default:
      return (record) => Buffer.from(`${JSON.stringify(facts(record))}\n`)
  }
}

/** What stands before the first record. */
export function recordTitles(format: OutputFormat | undefined): string {
  return format === 'csv' ? 'topic,partition,offset,timestamp,key,value\n' : ''
}

type Part = Uint8Array | ((record: ConsumerRecord) => Uint8Array | null)

const signs: Readonly<Record<string, Part>> = {
  '%t': ({ topic }) => Buffer.from(topic),
  '%p': ({ partition }) => Buffer.from(`${partition}`),
  '%o': ({ offset }) => Buffer.from(`${offset}`),
  '%T': ({ timestamp }) => Buffer.from(`${timestamp}`),
  '%k': ({ key }) => key,
  '%v': ({ value }) => value,
  '%h': headerList,
  '%%': Buffer.from('%'),
  '\\n': Buffer.from('\n'),
  '\\t': Buffer.from('\t'),
}

const nothing = Buffer.alloc(0)

function fromTemplate(template: string): RecordWriter {
  const parts = template.split(/(%[tpoTkvh%]|\\n|\\t)/).map((text): Part => signs[text] ?? Buffer.from(text))
  return (record) => Buffer.concat(parts.map((part) => (typeof part === 'function' ? (part(record) ?? nothing) : part)))
}

function headerList({ headers }: ConsumerRecord): Uint8Array {
  const pairs = headers.map(({ key, value }) => Buffer.concat([Buffer.from(`${key}=`), value ?? nothing]))
  return Buffer.concat(pairs.flatMap((pair, at) => (at === 0 ? [pair] : [Buffer.from(','), pair])))
}

/** Quoted byte by byte: latin1 has a sign for each. */
function csvLine({ topic, partition, offset, timestamp, key, value }: ConsumerRecord): Uint8Array {
  const cells = [topic, partition, offset, timestamp, key?.toString('latin1'), value?.toString('latin1')]
  return Buffer.from(`${cells.map(csvCell).join(',')}\n`, 'latin1')
}

function facts({ topic, partition, offset, timestamp, key, value, headers }: ConsumerRecord) {
  const told = headers.map((header) => ({ key: header.key, value: textOrBytes(header.value) }))
  return { topic, partition, offset, timestamp, key: textOrBytes(key), value: textOrBytes(value), headers: told }
}

/** Text where it is some; `{ base64 }` for other bytes, which a text could not give back. */
function textOrBytes(bytes: Buffer | null): string | { base64: string } | null {
  if (bytes === null) return null
  return isUtf8(bytes) ? bytes.toString('utf8') : { base64: bytes.toString('base64') }
}
