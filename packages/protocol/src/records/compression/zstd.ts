import { joined, tooLarge } from './bounds.js'
import { zstdByPackage } from './zstd-by-package.js'
import { zstdByZlib } from './zstd-by-zlib.js'
import { readZstdFrame } from './zstd-frame.js'

const engine = zstdByZlib ?? zstdByPackage

export function compressZstd(data: Buffer, by = engine): Buffer {
  return by.compress(data)
}

/** Any number of frames, skippable ones between them. */
export function decompressZstd(data: Buffer, maxBytes: number, by = engine): Buffer {
  const parts: Buffer[] = []
  let left = maxBytes
  let at = 0
  while (at < data.length) {
    const frame = readZstdFrame(data, at)
    at = frame.end
    if (frame.isSkippable) continue
    const part = by.decompressFrame(data, frame, left)
    if (part.length > left) throw tooLarge(maxBytes)
    parts.push(part)
    left -= part.length
  }
  return joined(parts)
}
