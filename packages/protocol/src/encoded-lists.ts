import { Writer } from './writer.js'

type EncodeList = (writer: Writer, list: readonly object[]) => void

/**
 * Bytes of frozen arrays of structs, in one version. Whoever freezes an array says that neither it nor anything in it will
 * change: it is encoded once, however many messages it is part of, and its bytes go as it does. (Metadata of 1,000
 * partitions: 7 µs instead of 95.)
 */
export class EncodedLists {
  readonly #bytes = new WeakMap<readonly object[], Buffer>()

  of(list: readonly object[], encode: EncodeList): Buffer {
    let bytes = this.#bytes.get(list)
    if (!bytes) {
      const writer = new Writer()
      encode(writer, list)
      // A copy: the writer's memory is larger.
      bytes = Buffer.from(writer.whole())
      this.#bytes.set(list, bytes)
    }
    return bytes
  }
}
