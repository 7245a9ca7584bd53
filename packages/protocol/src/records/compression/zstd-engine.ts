import type { ZstdFrame } from './zstd-frame.js'

/** What does the work: Node itself from 22.15 on, before that a package. */
export interface ZstdEngine {
  /** One standard frame without content size, as Kafka's Java client writes it. */
  compress(data: Buffer): Buffer
  /** The content of the frame; RecordsError `tooLarge` before more than `maxBytes` and one block are made of it. */
  decompressFrame(data: Buffer, frame: ZstdFrame, maxBytes: number): Buffer
}
