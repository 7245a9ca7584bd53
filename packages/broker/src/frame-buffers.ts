// Hot path: memory of large frames. A Produce request gives it back with its answer: to give each frame memory of its own made
// the garbage collector mark the whole heap for every 36 MB, a third of the broker's time (64 KiB batches, 8 connections).
import { ReadBuffers } from './read-buffers.js'

/**
 * Who keeps bytes of a produced batch for longer than until it is written says so with `keep`: the cache for readers, batches
 * that wait for the journal, storage in memory.
 */
export const frameBuffers = new ReadBuffers(8)

/** These bytes in memory of their own, where they are little of what they lie in: what is small must not keep what is large. */
export function inOwnMemory(bytes: Buffer): Buffer {
  return bytes.length * 2 < bytes.buffer.byteLength ? Buffer.from(bytes) : bytes
}
