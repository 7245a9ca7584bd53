import type { ConsumerRecord } from '@rivven/client'
import { stringify } from 'yaml'
import { csvCell, type OutputFormat } from './output.js'

/**
 * How consumed records are written, one after the other. Without `-o` or a template: the value alone, a line each.
 * A template has %t topic, %p partition, %o offset, %T timestamp (ms), %k key, %v value, %h headers, \n and \t.
 */
export function recordWriter(
  format: OutputFormat | undefined,
  template: string | undefined,
): (record: ConsumerRecord) => string {
  if (template !== undefined) return fromTemplate(template)
  switch (format) {
    case undefined:
      return (record) => `${text(record.value) ?? ''}\n`
    case 'yaml':
      return (record) => `---\n${stringify(facts(record))}`
    case 'csv':
      return (record) =>
        `${[record.topic, record.partition, record.offset, record.timestamp, text(record.key) ?? '', text(record.value) ?? ''].map(csvCell).join(',')}\n`
    case 'table':
    case 'wide':
      return fromTemplate('%p\\t%o\\t%k\\t%v\\n')
    default:
      return (record) => `${JSON.stringify(facts(record))}\n`
  }
}

/** What stands before the first record. */
export function recordTitles(format: OutputFormat | undefined): string {
  return format === 'csv' ? 'topic,partition,offset,timestamp,key,value\n' : ''
}

function fromTemplate(template: string): (record: ConsumerRecord) => string {
  return (record) =>
    template.replace(/%[tpoTkvh%]|\\n|\\t/g, (sign) => {
      switch (sign) {
        case '%t':
          return record.topic
        case '%p':
          return String(record.partition)
        case '%o':
          return String(record.offset)
        case '%T':
          return String(record.timestamp)
        case '%k':
          return text(record.key) ?? ''
        case '%v':
          return text(record.value) ?? ''
        case '%h':
          return headerTexts(record)
            .map(({ key, value }) => `${key}=${value ?? ''}`)
            .join(',')
        case '\\n':
          return '\n'
        case '\\t':
          return '\t'
        default:
          return '%'
      }
    })
}

function facts(record: ConsumerRecord) {
  const { topic, partition, offset, timestamp } = record
  return {
    topic,
    partition,
    offset,
    timestamp,
    key: text(record.key),
    value: text(record.value),
    headers: headerTexts(record),
  }
}

function headerTexts(record: ConsumerRecord): { key: string; value: string | null }[] {
  return record.headers.map(({ key, value }) => ({ key, value: text(value) }))
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}
