import { join } from 'node:path'
import type { Disk } from '@rivven/runtime'
import type { Notices } from '../../notices.js'
import { StoredDataError } from '../../stored-data-error.js'
import type { SetAside } from '../set-aside.js'
import { decodeDocument, encodeDocument, type ReadDocument } from './document-file.js'

export interface DocumentsOptions {
  disk: Disk
  folder: string
  setAside: SetAside
  notices: Notices
}

type Found = ReadDocument | { kind: 'missing' }

/**
 * Small documents, each in two files with a checksum: `NAME` and `NAME.copy`. One that is damaged is made again. Nobody but the
 * owner may read them: what passwords are checked against is among them.
 */
export class Documents {
  readonly #options: DocumentsOptions

  constructor(options: DocumentsOptions) {
    this.#options = options
  }

  /**
   * The content, undefined if it was never written.
   *
   * @throws StoredDataError when both files are damaged
   */
  async read(name: string): Promise<Buffer | undefined> {
    const [first, copy] = [await this.#find(name), await this.#find(name, 'copy')]
    const content = contentOf(first, copy)
    if (content === undefined) {
      if (first.kind === 'missing' && copy.kind === 'missing') return undefined
      throw new StoredDataError(unusable(this.#path(name), first, copy))
    }
    if (first.kind === 'old' && content === first.content) await this.write(name, content)
    else await this.#restore(name, content, { first, copy })
    return content
  }

  /** Durable in both files when it resolves. */
  async write(name: string, content: Uint8Array): Promise<void> {
    const { disk } = this.#options
    const bytes = encodeDocument(name, content)
    // Until both are there the change is not answered; after a crash between them the first one counts.
    const done = await Promise.allSettled([
      disk.replaceFile(this.#path(name), bytes, 'private'),
      disk.replaceFile(this.#path(name, 'copy'), bytes, 'private'),
    ])
    for (const result of done) if (result.status === 'rejected') throw result.reason
  }

  async #find(name: string, which?: 'copy'): Promise<Found> {
    try {
      return decodeDocument(name, await this.#options.disk.readFile(this.#path(name, which)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'missing' }
      throw error
    }
  }

  /** Makes the file anew that is not as it should be; what was in it is kept. */
  async #restore(name: string, content: Buffer, found: { first: Found; copy: Found }): Promise<void> {
    const bytes = encodeDocument(name, content)
    for (const which of ['first', 'copy'] as const) {
      const { kind } = found[which]
      const path = this.#path(name, which === 'copy' ? which : undefined)
      if (kind === 'sound') {
        // A crash came between the two.
        if (!isContent(found[which], content)) await this.#options.disk.replaceFile(path, bytes, 'private')
        continue
      }
      const kept = kind === 'missing' ? undefined : await this.#options.setAside.move(path)
      await this.#options.disk.replaceFile(path, bytes, 'private')
      this.#tellRestored(path, kept)
    }
  }

  #tellRestored(path: string, kept: string | undefined): void {
    const text =
      kept === undefined
        ? `${path} was missing and is made again from its other copy. Nothing is lost.`
        : `${path} was damaged and is made again from its other copy. Nothing is lost; what was in it is at ${kept}.`
    this.#options.notices.tell({ level: 'warn', text, facts: { path, ...(kept !== undefined && { kept }) } })
  }

  #path(name: string, which?: 'copy'): string {
    return join(this.#options.folder, which === undefined ? name : `${name}.${which}`)
  }
}

/** A file without a checksum counts only where there is none with one. */
function contentOf(first: Found, copy: Found): Buffer | undefined {
  for (const found of [first, copy]) if (found.kind === 'sound') return found.content
  return first.kind === 'old' ? first.content : undefined
}

function isContent(found: Found, content: Buffer): boolean {
  return found.kind === 'sound' && found.content.equals(content)
}

function unusable(path: string, first: Found, copy: Found): string {
  const of = ({ kind }: Found) => (kind === 'missing' ? 'missing' : 'damaged')
  return (
    `${path} is ${of(first)}, and its copy ${path}.copy is ${of(copy)}. ` +
    'Put back either of them from a backup of the data folder and start again; nothing was changed.'
  )
}
