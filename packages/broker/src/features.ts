/**
 * What clients look for before they use KIP-890: transactions of version 2. `group.version` is left out as long as there is
 * no ConsumerGroupHeartbeat, `metadata.version` because it speaks of a log of metadata that is not here.
 */
export const supportedFeatures = [{ name: 'transaction.version', minVersion: 0, maxVersion: 2 }] as const

/** In use, always: what Kafka can take back is not taken back here. */
export const finalizedFeatures = [{ name: 'transaction.version', minVersionLevel: 2, maxVersionLevel: 2 }] as const
