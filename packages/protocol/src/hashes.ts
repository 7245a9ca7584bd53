/** murmur2 as Kafka's default partitioner uses it: signed 32 bits (data-plane.md §14.2). */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995
  const { length } = bytes
  let h = 0x9747b28c ^ length
  const words = length & ~3
  for (let at = 0; at < words; at += 4) {
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    h = Math.imul(h, m) ^ Math.imul(k, m)
  }
  const rest = length & 3
  if (rest === 3) h ^= bytes[words + 2]! << 16
  if (rest >= 2) h ^= bytes[words + 1]! << 8
  if (rest >= 1) h = Math.imul(h ^ bytes[words]!, m)
  h = Math.imul(h ^ (h >>> 13), m)
  return h ^ (h >>> 15)
}

/** Partition of a record with a key, as Java's producer chooses it. */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount
}

/** Java's String.hashCode, over UTF-16 code units. */
export function javaStringHash(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
  return hash
}

/** Partition of `__consumer_offsets` that holds a group, and of `__transaction_state` that holds a transactional id. */
export function partitionForGroup(groupId: string, partitionCount: number): number {
  const hash = javaStringHash(groupId)
  return hash === -0x80000000 ? 0 : Math.abs(hash) % partitionCount
}
