import { dirname } from 'node:path/posix'
import type { Disk, DiskFile } from '@rivven/runtime'
import { DiskDrive } from './disk-drive.js'
import { Inode } from './inode.js'
import type { Life } from './life.js'
import { apply, type NameChange, type Platter } from './platter.js'
import type { SeededRandom } from './seeded-random.js'
import { SimFile } from './sim-file.js'

/** The disk as one life of a process sees it. */
export class SimDisk implements Disk {
  readonly parallelism = 4
  readonly #drive: DiskDrive
  readonly #platter: Platter

  constructor(life: Life, platter: Platter, random: SeededRandom) {
    this.#drive = new DiskDrive(life, platter, random)
    this.#platter = platter
  }

  async open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
    await this.#drive.takesTime('open', path)
    const known = this.#platter.names.get(path)
    if (known) return new SimFile(this.#drive, known, path)
    if (mode === 'read' || !this.#platter.folders.has(dirname(path))) throw this.#drive.failure('ENOENT', path)
    this.#drive.mayFail('create', path)
    const inode = new Inode()
    this.#change([{ name: path, inode }])
    return new SimFile(this.#drive, inode, path)
  }

  async readFile(path: string): Promise<Buffer> {
    await this.#drive.takesTime('read', path)
    return Buffer.from(this.#inode(path).bytes)
  }

  async replaceFile(path: string, content: Uint8Array): Promise<void> {
    const beside = `${path}.new`
    const file = await this.open(beside, 'write')
    await file.truncate(0)
    await file.write([content], 0)
    await file.sync()
    await file.close()
    await this.rename(beside, path)
    await this.syncFolder(dirname(path))
  }

  async list(folder: string): Promise<string[]> {
    await this.#drive.takesTime('read', folder)
    if (!this.#platter.folders.has(folder)) throw this.#drive.failure('ENOENT', folder)
    const all = [...this.#platter.names.keys(), ...this.#platter.folders]
    return all
      .filter((path) => path !== folder && dirname(path) === folder)
      .map((path) => path.slice(folder.length + 1))
  }

  async makeFolder(path: string): Promise<void> {
    await this.#drive.takesTime('create', path)
    for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) this.#platter.folders.add(folder)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#drive.takesTime('rename', from)
    this.#drive.mayFail('rename', from)
    const { names, folders } = this.#platter
    if (folders.has(from)) {
      for (const folder of [...folders])
        if (isIn(folder, from)) moveFolder(folders, folder, to + folder.slice(from.length))
    } else {
      this.#inode(from)
    }
    const moved = [...names].filter(([path]) => isIn(path, from))
    this.#change(
      moved.flatMap(([path, inode]) => [
        { name: path, inode: undefined },
        { name: to + path.slice(from.length), inode },
      ]),
    )
  }

  async remove(path: string): Promise<void> {
    await this.#drive.takesTime('remove', path)
    this.#drive.mayFail('remove', path)
    const { names, folders } = this.#platter
    for (const folder of [...folders]) if (isIn(folder, path)) folders.delete(folder)
    for (const name of [...names.keys()]) if (isIn(name, path)) this.#change([{ name, inode: undefined }])
  }

  async syncFolder(path: string): Promise<void> {
    await this.#drive.takesTime('syncFolder', path)
    this.#drive.mayFail('syncFolder', path)
    const platter = this.#platter
    const isThere = (change: readonly NameChange[]) => change.some(({ name }) => dirname(name) === path)
    for (const change of platter.unsafeNames.filter(isThere).flat()) apply(platter.safeNames, change)
    platter.unsafeNames = platter.unsafeNames.filter((change) => !isThere(change))
  }

  async sizeOf(path: string): Promise<number | undefined> {
    await this.#drive.takesTime('read', path)
    return this.#platter.names.get(path)?.size
  }

  #inode(path: string): Inode {
    const inode = this.#platter.names.get(path)
    if (!inode) throw this.#drive.failure('ENOENT', path)
    return inode
  }

  #change(changes: readonly NameChange[]): void {
    for (const change of changes) apply(this.#platter.names, change)
    this.#platter.unsafeNames.push(changes)
  }
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

function moveFolder(folders: Set<string>, from: string, to: string): void {
  folders.delete(from)
  folders.add(to)
}
