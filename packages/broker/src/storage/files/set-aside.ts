import { basename, dirname, join, relative } from 'node:path'
import type { Disk } from '@rivven/runtime'

const FOLDER = 'set-aside'

/**
 * The one place of a data folder for what is damaged or unknown and may not stay where it is: `set-aside/`, with the same
 * paths below it. Nothing there is ever read or removed by a broker.
 */
export class SetAside {
  readonly #disk: Disk
  readonly #root: string

  constructor(disk: Disk, dataFolder: string) {
    this.#disk = disk
    this.#root = dataFolder
  }

  /** Takes a file or a folder away, durably. Returns its path now. */
  async move(path: string): Promise<string> {
    const target = await this.#freePlace(path)
    await this.#disk.rename(path, target)
    await this.#keepName(target)
    await this.#disk.syncFolder(dirname(path))
    return target
  }

  /** Keeps a copy of the bytes of a file that are going to be cut off, durably. Returns its path. */
  async copy(path: string, from: number, to: number): Promise<string> {
    const target = await this.#freePlace(`${path}.from-${from}`)
    const source = await this.#disk.open(path, 'read')
    const copy = await this.#disk.open(target, 'write')
    try {
      const chunk = Buffer.allocUnsafe(Math.min(1_048_576, to - from))
      for (let at = from; at < to; ) {
        const count = await source.read(chunk.subarray(0, Math.min(chunk.length, to - at)), at)
        if (count === 0) break
        await copy.write([chunk.subarray(0, count)], at - from)
        at += count
      }
      await copy.sync()
    } finally {
      await source.close()
      await copy.close()
    }
    await this.#keepName(target)
    return target
  }

  async #freePlace(path: string): Promise<string> {
    const wanted = join(this.#root, FOLDER, relative(this.#root, path))
    await this.#disk.makeFolder(dirname(wanted))
    const taken = new Set(await this.#disk.list(dirname(wanted)))
    let target = wanted
    for (let count = 2; taken.has(basename(target)); count++) target = `${wanted}.${count}`
    return target
  }

  /** The folders above it may be new, too. */
  async #keepName(path: string): Promise<void> {
    for (let folder = dirname(path); folder.startsWith(this.#root); folder = dirname(folder)) {
      await this.#disk.syncFolder(folder)
      if (folder === this.#root) return
    }
  }
}
