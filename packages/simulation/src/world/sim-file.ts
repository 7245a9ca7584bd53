import type { DiskFile } from '@rivven/runtime'
import type { DiskDrive } from './disk-drive.js'
import type { Inode } from './inode.js'

export class SimFile implements DiskFile {
  readonly #drive: DiskDrive
  readonly #inode: Inode
  readonly #path: string

  constructor(drive: DiskDrive, inode: Inode, path: string) {
    this.#drive = drive
    this.#inode = inode
    this.#path = path
  }

  async size(): Promise<number> {
    return this.#inode.size
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    const bytes = Buffer.concat(chunks)
    await this.#drive.takesTime('write', this.#path)
    this.#put(bytes, position)
  }

  writeNow(chunks: readonly Uint8Array[], position: number): void {
    this.#put(Buffer.concat(chunks), position)
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    await this.#drive.takesTime('read', this.#path)
    return this.readNow(target, position)
  }

  readNow(target: Uint8Array, position: number): number {
    const bytes = this.#inode.bytes.subarray(position, position + target.length)
    target.set(bytes)
    return bytes.length
  }

  async sync(): Promise<void> {
    const { mark } = this.#inode
    await this.#drive.takesTime('sync', this.#path)
    this.#drive.mayFail('sync', this.#path)
    this.#inode.syncUpTo(mark)
  }

  async truncate(size: number): Promise<void> {
    await this.#drive.takesTime('truncate', this.#path)
    this.#drive.mayFail('truncate', this.#path)
    this.#inode.change({ at: size, bytes: undefined })
  }

  async close(): Promise<void> {
    // Nothing to give back.
  }

  #put(bytes: Buffer, position: number): void {
    const taken = this.#drive.roomFor(bytes.length, this.#path)
    this.#inode.change({ at: position, bytes: taken < bytes.length ? bytes.subarray(0, taken) : bytes })
    this.#drive.mayFail('write', this.#path)
    if (taken < bytes.length) throw this.#drive.failure('ENOSPC', this.#path)
  }
}
