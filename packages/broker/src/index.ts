export { LogStore, type LogStoreOptions } from './log/log-store.js'
export { type OpenLogsOptions, openLogs } from './log/open-logs.js'
export { MemoryStorage } from './storage/memory/memory-storage.js'
