/** A topic whose log keeps everything in one segment, as the micro benches want it. */
export const config = {
  cleanupPolicy: { compact: false, delete: true },
  compressionType: 'producer',
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 2 ** 30,
  segmentMs: 2 ** 50,
  indexIntervalBytes: 4096,
  maxMessageBytes: 2 ** 21,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Infinity,
  messageTimestampAfterMaxMs: Infinity,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Infinity,
  minCleanableDirtyRatio: 0.5,
  deleteRetentionMs: 1,
  fileDeleteDelayMs: 60000,
}
