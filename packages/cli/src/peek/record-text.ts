import { hexLines, jsonLines, type SeenBytes } from '@rivven/protocol'
import { commandText } from '../text/command-text.js'
import { printable } from '../text/output.js'
import { counted } from '../text/words.js'
import type { PeekedRecord } from './peeked-record.js'

/** A text that fits beside its title. */
const shortText = 100
/** Of what is no text, so many bytes are shown to people. */
const hexBytes = 256

/** A record for people: where it is, then key, headers and value. Nothing in it moves the cursor of a terminal. */
export function recordText(record: PeekedRecord): string {
  const { topic, partition, offset, timestamp, key, headers, value, mark } = record
  const time = timestamp < 0 ? 'no time' : timeOf(timestamp)
  const lines = [
    `${topic}/${partition} at ${offset}, ${time}${mark === null ? '' : `, ${marks[mark]}`}`,
    ...(key === null ? [] : part('key', key)),
    ...headers.flatMap((header) => part(`header ${header.key}`, header.value)),
    ...(value === null ? ['value: none, a tombstone'] : part('value', value)),
  ]
  if (value?.isCut || key?.isCut) lines.push(wholeText(record))
  const [head, ...rest] = lines.map(printable)
  return `${head}\n${rest.map((line) => `  ${line}\n`).join('')}`
}

const marks = {
  aborted: 'of a transaction that was aborted',
  open: 'of a transaction that is open',
  unknown: 'of a transaction, or committed',
} as const

function part(title: string, bytes: SeenBytes | null): string[] {
  if (bytes === null) return [`${title}: none`]
  const { kind, text, base64, size, schemaId } = bytes
  const length = counted(size, 'byte')
  if (kind === 'int32' || kind === 'int64') return [`${title}: ${text} (${kind})`]
  if (kind === 'json') return [`${title}: JSON, ${length}`, ...indented(jsonLines(text ?? ''))]
  if (text !== null) {
    const isShort = text.length <= shortText && !text.includes('\n')
    return isShort ? [`${title}: ${text}`] : [`${title}: text, ${length}`, ...indented(text.split('\n'))]
  }
  const shown = Buffer.from(base64 ?? '', 'base64').subarray(0, hexBytes)
  const more = size > shown.length ? [`… ${counted(size - shown.length, 'byte')} more`] : []
  const what = schemaId === null ? length : `schema ${schemaId}, ${length}`
  return [`${title}: ${what}`, ...indented([...hexLines(shown), ...more])]
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}

function wholeText({ topic, partition, offset }: PeekedRecord): string {
  const place = ['--partition', String(partition), '--offset', String(offset), '-n', '1']
  return `Only the beginning is shown: \`${commandText('consume', [topic], place)}\` writes all of it.`
}

/** To the millisecond. A timestamp is its producer's choice, and may be none that a calendar has. */
function timeOf(timestamp: number): string {
  const date = new Date(timestamp)
  return Number.isNaN(date.getTime()) ? `${timestamp} ms since 1970` : date.toISOString()
}
