import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Disk } from '@rivven/runtime'

/** A file of the dashboard, as it is and compressed. */
export interface AssetFile {
  readonly plain: Buffer
  readonly gzip: Buffer
}

type ReadingDisk = Pick<Disk, 'readFile' | 'sizeOf'>

const here = dirname(fileURLToPath(import.meta.url))
/** In the program `rivvend`, whose files lie in one folder; in the package. */
const folders = [join(here, 'assets'), join(here, '../../../../assets')]

/**
 * What scripts/dashboard.mjs has made. Nothing is looked for before somebody asks: most brokers show no page. What was read stays in
 * memory, some 100 KiB in all.
 */
export class AssetFiles {
  readonly #disk: ReadingDisk
  readonly #folders: readonly string[]
  readonly #kept = new Map<string, AssetFile>()
  #folder: Promise<string | undefined> | undefined

  constructor(disk: ReadingDisk, lookedFor: readonly string[] = folders) {
    this.#disk = disk
    this.#folders = lookedFor
  }

  /** Of the path below the folder; undefined: there is no such file. */
  async find(path: string): Promise<AssetFile | undefined> {
    const kept = this.#kept.get(path)
    if (kept) return kept
    this.#folder ??= this.#findFolder()
    const folder = await this.#folder
    if (folder === undefined || !isPlain(path)) return undefined
    const file = await this.#read(join(folder, path))
    if (file) this.#kept.set(path, file)
    return file
  }

  async #findFolder(): Promise<string | undefined> {
    for (const folder of this.#folders) {
      if ((await this.#disk.sizeOf(join(folder, 'index.html'))) !== undefined) return folder
    }
    return undefined
  }

  async #read(path: string): Promise<AssetFile | undefined> {
    try {
      const [plain, gzip] = await Promise.all([this.#disk.readFile(path), this.#disk.readFile(`${path}.gz`)])
      return { plain, gzip }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }
}

/** Steps out of the folder are no names. */
function isPlain(path: string): boolean {
  return path.split('/').every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part))
}
