export { type OpenLogsOptions, openLogs } from './log/open-logs.js'
export { memoryStorage } from './storage/memory/memory-storage.js'
