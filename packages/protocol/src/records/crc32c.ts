import { crc32c as native } from '@node-rs/crc32'

/** CRC-32C (Castagnoli) of the bytes, unsigned; `seed` continues an earlier result. */
export function crc32c(bytes: Uint8Array, seed?: number): number {
  return native(bytes, seed)
}
