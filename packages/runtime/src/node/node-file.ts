// Hot path: descriptors and callbacks instead of FileHandle, whose promises cost ~10 µs a call (bench/micro/log.mjs).
import fs from 'node:fs'
import type { DiskFile } from '../runtime.js'
import { atPath } from './path-error.js'

/** One writev takes no more on Linux (IOV_MAX); with fewer it does the same in more calls. */
const MAX_CHUNKS = 1024

export class NodeFile implements DiskFile {
  private readonly descriptor: number
  private readonly path: string

  constructor(descriptor: number, path: string) {
    this.descriptor = descriptor
    this.path = path
  }

  size(): Promise<number> {
    return this.ask((done) => fs.fstat(this.descriptor, (error, stat) => done(error, error ? undefined : stat.size)))
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    let left = chunks
    let at = position
    while (left.length > 0) {
      const part = left.length > MAX_CHUNKS ? left.slice(0, MAX_CHUNKS) : left
      const written = await this.ask<number>((done) => fs.writev(this.descriptor, part, at, done))
      at += written
      left = chunksBehind(left, written)
    }
  }

  writeNow(chunks: readonly Uint8Array[], position: number): void {
    let left = chunks
    let at = position
    try {
      while (left.length > 0) {
        const written = left.length === 1 ? this.writeOne(left[0]!, at) : this.writeSome(left, at)
        at += written
        left = chunksBehind(left, written)
      }
    } catch (error) {
      throw atPath(error, this.path)
    }
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    let count = 0
    while (count < target.length) {
      const from = count
      const read = await this.ask<number>((done) =>
        fs.read(this.descriptor, target, from, target.length - from, position + from, done),
      )
      if (read === 0) break
      count += read
    }
    return count
  }

  readNow(target: Uint8Array, position: number): number {
    let count = 0
    try {
      while (count < target.length) {
        const read = fs.readSync(this.descriptor, target, count, target.length - count, position + count)
        if (read === 0) break
        count += read
      }
    } catch (error) {
      throw atPath(error, this.path)
    }
    return count
  }

  sync(): Promise<void> {
    return this.ask((done) => fs.fdatasync(this.descriptor, done))
  }

  truncate(size: number): Promise<void> {
    return this.ask((done) => fs.ftruncate(this.descriptor, size, done))
  }

  close(): Promise<void> {
    return this.ask((done) => fs.close(this.descriptor, done))
  }

  private writeOne(chunk: Uint8Array, at: number): number {
    return fs.writeSync(this.descriptor, chunk, 0, chunk.length, at)
  }

  private writeSome(chunks: readonly Uint8Array[], at: number): number {
    const part = chunks.length > MAX_CHUNKS ? chunks.slice(0, MAX_CHUNKS) : chunks
    return fs.writevSync(this.descriptor, part, at)
  }

  private ask<T>(call: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      call((error, value) => (error ? reject(atPath(error, this.path)) : resolve(value as T)))
    })
  }
}

/** What a write that took `written` bytes has left over; a full disk takes part of the bytes before it fails. */
function chunksBehind(chunks: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let left = written
  let index = 0
  while (index < chunks.length && left >= chunks[index]!.length) {
    left -= chunks[index]!.length
    index++
  }
  if (index === chunks.length) return []
  return left === 0 ? chunks.slice(index) : [chunks[index]!.subarray(left), ...chunks.slice(index + 1)]
}
