import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Conversation } from './conversation.js'

const folder = join(import.meta.dirname, '../../conversations/recordings')

export interface Recording {
  folder: string
  /** `folder/file`, without the file's ending. */
  place: string
  conversation: Conversation
}

/** All recordings of Apache Kafka's answers. */
export const recordings: readonly Recording[] = readdirSync(folder).flatMap((name) =>
  readdirSync(join(folder, name)).map((file) => ({
    folder: name,
    place: `${name}/${basename(file, '.json')}`,
    conversation: JSON.parse(readFileSync(join(folder, name, file), 'utf8')) as Conversation,
  })),
)
