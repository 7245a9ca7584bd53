import { DecodeError } from '@rivven/protocol'
import { Reader, Writer } from './bytes.js'
import { readTopicPartitions, type TopicPartitions, writeTopicPartitions } from './subscription.js'

/** What the `sticky` assignor remembers in its user data: the last assignment and, from version 1 on, its generation. */
export interface StickyUserData {
  readonly partitions: readonly TopicPartitions[]
  /** Null: written without (version 0). -1: the bytes could not be read. */
  readonly generation: number | null
}

/** Encodes user data of `sticky`: version 1 with a generation, version 0 without. */
export function encodeStickyUserData({ partitions, generation }: StickyUserData): Buffer {
  const writer = new Writer()
  writeTopicPartitions(writer, partitions)
  return generation === null ? writer.done() : writer.int32(generation).done()
}

/**
 * Decodes user data of `sticky`. Nothing in the bytes tells the version: what ends after the partitions is version 0.
 * Null, empty and damaged bytes count as no assignment before.
 */
export function decodeStickyUserData(userData: Buffer | null): StickyUserData {
  if (userData === null || userData.length === 0) return { partitions: [], generation: null }
  try {
    const reader = new Reader(userData)
    const partitions = readTopicPartitions(reader)
    return { partitions, generation: reader.remaining >= 4 ? reader.int32() : null }
  } catch (error) {
    if (error instanceof DecodeError) return { partitions: [], generation: -1 }
    throw error
  }
}

/** User data of Java's `cooperative-sticky`: the generation alone. */
export function encodeCooperativeUserData(generation: number): Buffer {
  return new Writer().int32(generation).done()
}

/** Reads a generation from four bytes; anything else (other clients write more) is -1, unknown. */
export function decodeCooperativeUserData(userData: Buffer | null): number {
  return userData?.length === 4 ? userData.readInt32BE(0) : -1
}
