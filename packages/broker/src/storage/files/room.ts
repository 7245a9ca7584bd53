import { join } from 'node:path'
import type { Disk } from '@rivven/runtime'

export interface RoomOptions {
  disk: Disk
  /** The data folder. */
  folder: string
  /** Bytes that are put by. Default 1 MiB. */
  reserveBytes?: number
}

/** Free room is believed in where so many times the reserve can be written: else a full disk would be found full again at once. */
const TRIAL = 4

/**
 * The room of a data folder. A little is put by, in the file `reserve`: on a disk that is full, what makes room (deleting a
 * topic, another retention) has to write, too.
 */
export class Room {
  readonly #disk: Disk
  readonly #reserve: string
  readonly #trial: string
  readonly #bytes: number
  #isPutBy = false
  /** One thing after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor({ disk, folder, reserveBytes = 1_048_576 }: RoomOptions) {
    this.#disk = disk
    this.#reserve = join(folder, 'reserve')
    this.#trial = join(folder, 'reserve.trial')
    this.#bytes = reserveBytes
  }

  /** Does work that takes hardly more room than it frees: with what is put by, where the disk has none. */
  async spend<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!isOutOfRoom(error)) throw error
      return this.#enqueue(async () => {
        if (!(await this.#release())) throw error
        try {
          return await work()
        } finally {
          await this.#putBy()
        }
      })
    }
  }

  /** Makes the reserve, if it is not there, as large as the disk lets it be. */
  putBy(): Promise<void> {
    return this.#isPutBy ? Promise.resolve() : this.#enqueue(() => this.#putBy())
  }

  /** Whether there is room for appends: tried out, since quotas and file systems have rules of their own. */
  isThere(): Promise<boolean> {
    return this.#enqueue(async () => {
      await this.#putBy()
      const isThere = this.#isPutBy && (await this.#write(this.#trial, this.#bytes * TRIAL))
      await this.#disk.remove(this.#trial).catch(() => undefined)
      return isThere
    })
  }

  async #release(): Promise<boolean> {
    if (!(await this.#disk.sizeOf(this.#reserve))) return false
    this.#isPutBy = false
    await this.#disk.remove(this.#reserve)
    return true
  }

  async #putBy(): Promise<void> {
    if (this.#isPutBy) return
    const size = (await this.#disk.sizeOf(this.#reserve).catch(() => undefined)) ?? 0
    this.#isPutBy = size >= this.#bytes || (await this.#write(this.#reserve, this.#bytes))
  }

  /** False where the disk does not take it all; what it took stays. */
  async #write(path: string, bytes: number): Promise<boolean> {
    try {
      const file = await this.#disk.open(path, 'write')
      try {
        await file.write([incompressible(bytes)], 0)
      } finally {
        await file.close()
      }
      return true
    } catch {
      return false
    }
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}

export function isOutOfRoom(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
}

/** Some file systems keep zeros in no room at all. */
function incompressible(bytes: number): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4))
  let word = 1
  for (let index = 0; index < words.length; index++) {
    // Xorshift (Marsaglia 2003).
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
    words[index] = word
  }
  return Buffer.from(words.buffer, 0, bytes)
}
