/** The compression codecs, at the place of their number in the attributes of a batch. */
export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export type Codec = (typeof codecs)[number]

/** The codec of a batch's attributes, or undefined for the numbers 5-7, which nobody has defined. */
export function codecOf(attributes: number): Codec | undefined {
  return codecs[attributes & 7]
}

export function codecNumber(codec: Codec): number {
  return codecs.indexOf(codec)
}
