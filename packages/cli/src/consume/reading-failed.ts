import { RivvenError, type TopicPartition } from '@rivven/client'
import { commandText } from '../text/command-text.js'

/** Records are there and cannot be read on from an offset. */
export class ReadingFailed extends Error {
  constructor(
    text: string,
    readonly place: TopicPartition & { offset: number; nextOffset?: number },
    cause?: unknown,
  ) {
    super(text, { cause })
  }
}

/** What a broker answers, and our client finds, where stored records are damaged or their disk fails. */
const codes = ['CORRUPT_MESSAGE', 'KAFKA_STORAGE_ERROR']

/** An error of reading with how to go past it, if that is what it is about. */
export function withWayOn(error: unknown, group: string | undefined): unknown {
  const failed = asReadingFailed(error)
  if (failed === null) return error
  const { topic, partition, offset, nextOffset } = failed.place
  const to = nextOffset === undefined ? 'N' : String(nextOffset)
  const which = nextOffset === undefined ? `, with N above ${offset} (the broker's log says what is damaged)` : ''
  const command =
    group === undefined
      ? commandText('consume', [topic], ['--partition', String(partition), '--offset', to])
      : commandText('group reset-offsets', [group], ['--topic', `${topic}:${partition}`, '--to-offset', to])
  return new Error(`${failed.message} To go past it: \`${command}\`${which}.`, { cause: error })
}

function asReadingFailed(error: unknown): ReadingFailed | null {
  if (error instanceof ReadingFailed) return error
  if (!(error instanceof RivvenError) || !codes.includes(error.code)) return null
  const { topic, partition, offset, nextOffset } = error.facts
  if (topic === undefined || partition === undefined || offset === undefined) return null
  // Its hint is for programs.
  const text = error.hint === undefined ? error.message : error.message.replace(` ${error.hint}`, '')
  const next = typeof nextOffset === 'number' ? { nextOffset } : {}
  return new ReadingFailed(text, { topic, partition, offset, ...next }, error)
}
