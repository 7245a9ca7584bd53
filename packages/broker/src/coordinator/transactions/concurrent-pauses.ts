/**
 * Pauses in milliseconds while the transaction before is still being ended: 100 ms in all, as Kafka (transactions.md §7.3),
 * but short ones first. Its coordinator is in this process and done in 1 to 5 ms, and with Kafka's even 20 ms a copy in
 * transactions of 750 records takes three times as long (bench/js/copy.mjs).
 */
export const concurrentPausesMs = [1, 2, 4, 8, 15, 30, 40] as const
